const part = (id) => document.getElementById(id);
const form = part('form');
const token = location.hash.slice(1);
// The link is good once and need not stay in the address bar and the history.
history.replaceState(null, '', location.pathname);
if (!token) say('Open the whole link that the service printed at its start, with what stands behind the #.');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = form.querySelector('button');
  button.disabled = true;
  const given = Object.fromEntries(new FormData(form));
  try {
    const answer = await fetch('auth/setup', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...given, token }),
    });
    const told = await answer.json();
    if (answer.ok) done(told.username);
    else say(told.detail);
  } catch {
    say('There was no answer. Check that the service still runs, and try again.');
  }
  button.disabled = false;
});

function done(username) {
  form.hidden = true;
  const url = location.origin + location.pathname.replace(/(\/v1)?\/setup\/?$/, '');
  part('commands').textContent = `npx intakt login ${url} ${username}\nnpx intakt upload FILE --wait`;
  part('next').hidden = false;
  say(`${username} is the administrator.`);
}

function say(text) {
  part('message').textContent = text;
}
