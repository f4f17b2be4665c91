import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { call, eventually, logIn, newAdmin, newPerson, type Person, sendJson } from '../helpers/client.ts';
import { type Service, startService } from '../helpers/service.ts';

const INTAKT = fileURLToPath(new URL('../../sdk/bin/intakt.js', import.meta.url));
const service = await startService();
after(() => service.stop());
const admin = await newAdmin(service);

/** The command on the machine of the service, in the folder that it was started in. */
async function local(words: readonly string[], { input = '', cwd = service.dataDir, env = {} } = {}) {
  const child = spawn(process.execPath, [INTAKT, 'users', '--local', ...words], {
    cwd,
    env: { PATH: process.env.PATH, DATA_DIR: '.', BCRYPT_COST: '10', INTAKT_CONFIG: join(cwd, 'none.json'), ...env },
  });
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, stdout, stderr };
}

async function done(words: readonly string[], more = {}) {
  const { code, stdout, stderr } = await local([...words, '--json'], more);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

const entriesOf = async (person: Person) =>
  (await admin.get(`/audit?action=operator.&target=user:${person.userId}`)).body.items;

test('a forgotten password is set anew beside the running service; all sessions end; the log has it as the system’s act', async () => {
  const person = await newPerson(service.url, 'forgetful');
  const { items } = await done(['password', person.username], { input: 'an entirely new passphrase\n' });
  assert.deepEqual([items[0].username, items[0].user_id], [person.username, person.userId]);
  await eventually('the session has ended', async () => (await person.get('/users/me')).status === 401, 2);
  const login = (password: string) =>
    sendJson(`${service.url}/auth/login`, 'POST', { username: person.username, password });
  assert.equal((await login(person.password)).status, 401);
  assert.equal((await login('an entirely new passphrase')).status, 200);
  const [entry] = await entriesOf(person);
  assert.deepEqual([entry.action, entry.actor_kind, entry.actor_id], ['operator.set_password', 'system', null]);
  assert.match(entry.actor, /^operator \(.+\)$/);
  assert.ok(!JSON.stringify(entry).includes('entirely'));
  assert.equal((await admin.get('/audit/verify')).body.intact, true);
});

test('role, activity and who runs the service are changed, and act at once', async () => {
  const person = await newPerson(service.url, 'various');
  const me = async () => (await person.get('/users/me')).body;
  await done(['role', person.username, 'admin']);
  await eventually('they are an administrator', async () => (await me()).role === 'admin', 2);
  await done(['operator', person.username]);
  await eventually('they run the service', async () => (await me()).operator === true, 2);
  await done(['not-operator', person.username]);
  await done(['deactivate', person.username]);
  await eventually('they are locked out', async () => (await person.get('/users/me')).status === 401, 2);
  await done(['activate', person.username]);
  assert.equal((await logIn(service.url, person.username)).userId, person.userId);
  assert.deepEqual(
    (await entriesOf(person)).map(({ action }: { action: string }) => action),
    ['operator.activate', 'operator.deactivate', 'operator.set_operator', 'operator.set_operator', 'operator.set_role'],
  );
});

test('the right to reveal is given back where nobody has it who could give it, and taken away', async () => {
  const person = await newPerson(service.url, 'blind');
  const mayReveal = async () => (await person.get('/users/me')).body.may_reveal;
  await done(['not-reveal', person.username]);
  await eventually('they may not reveal', async () => !(await mayReveal()), 2);
  await done(['reveal', person.username]);
  await eventually('they may reveal', mayReveal, 2);
  assert.deepEqual(
    (await entriesOf(person)).map(({ detail }: { detail: object }) => detail),
    [{ may_reveal: true }, { may_reveal: false }],
  );
});

test('a list shows all users, also without a running service', async () => {
  const stopped: Service = await startService();
  await newAdmin(stopped, 'alone');
  await stopped.stop();
  const { items } = await done(['list'], { cwd: stopped.dataDir });
  assert.deepEqual(
    items.map((user: { role: string; operator: boolean }) => [user.role, user.operator]),
    [['admin', true]],
  );
  const { username } = items[0];
  const last = await local(['deactivate', username], { cwd: stopped.dataDir });
  assert.deepEqual([last.code, /last_admin/.test(last.stderr)], [1, true]);
  await done(['password', username], { cwd: stopped.dataDir, input: 'an entirely new passphrase\n' });
  const again = await startService({ DATA_DIR: stopped.dataDir });
  after(() => again.stop());
  const login = { username, password: 'an entirely new passphrase' };
  assert.equal((await sendJson(`${again.url}/auth/login`, 'POST', login)).status, 200);
});

test('a lost set-up link is made anew, for one use, as long as nobody runs the service', async () => {
  const fresh = await startService();
  after(() => fresh.stop());
  const { link } = await done(['setup-link'], { cwd: fresh.dataDir, env: { PORT: new URL(fresh.url).port } });
  assert.match(link, new RegExp(`^${fresh.url}/setup#[\\w-]{43}$`));
  const setupToken = link.split('#')[1];
  const first = await newAdmin({ url: fresh.url, setupToken });
  const [entry] = (await first.get('/audit?action=operator.')).body.items;
  assert.deepEqual([entry?.action, entry?.actor_kind], ['operator.setup_link', 'system']);
  const spent = await call(`${fresh.url}/auth/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: setupToken, username: 'x', email: 'x@example.org', password: 'long enough for it' }),
  });
  assert.equal(spent.body.code, 'setup_token_invalid');
  const { code, stderr } = await local(['setup-link'], { cwd: fresh.dataDir });
  assert.deepEqual([code, /Somebody runs the service already.+\(forbidden\)/.test(stderr)], [1, true]);
});

test('what is called wrongly says what to do, and changes nothing', async () => {
  assert.match((await local(['password', 'nobody'], { input: 'long enough for it\n' })).stderr, /no user "nobody"/);
  assert.match((await local(['password', admin.username], { input: 'short\n' })).stderr, /weak_password/);
  const elsewhere = join(service.dataDir, 'elsewhere');
  mkdirSync(elsewhere);
  const nothing = await local(['list'], { cwd: elsewhere });
  assert.match(nothing.stderr, /There is no data of Intakt in .+elsewhere\. Run this in the folder/);
  const calls = [['nonsense'], ['role', admin.username, 'king']];
  for (const words of calls) assert.equal((await local(words)).code, 2, words.join(' '));
  assert.equal((await admin.get('/users/me')).body.role, 'admin');
});
