import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { newPerson, sendJson } from '../helpers/client.ts';
import { startService } from '../helpers/service.ts';

const service = await startService();
after(() => service.stop());
const base = `${service.url}/v1`;

let people = 0;
const register = (password: string, username = `someone${++people}`) =>
  sendJson(`${base}/auth/register`, 'POST', { username, email: `${username}@example.org`, password });

const refused: [what: string, password: string, username?: string][] = [
  ['of fewer than 8 characters', 'sEven7!'],
  ['of more than 72 bytes', 'a long one '.repeat(7)],
  ['of 100 characters, so that two which differ at the 90th never both work', 'k'.repeat(100)],
  ['that is one of the commonest', 'iloveyou'],
  ['that is one of the commonest, in other letters', 'PassWord1'],
  ['that is one of the commonest, in wide letters', 'ｐａｓｓｗｏｒｄ'],
  ['that is the username', 'Margarete-K', 'margarete-k'],
  ['that is the e-mail address', 'robert-k@EXAMPLE.org', 'robert-k'],
];
for (const [what, password, username] of refused)
  test(`a password ${what} is refused, and the answer does not repeat it`, async () => {
    const { status, body, text } = await register(password, username);
    assert.deepEqual([status, body.code], [422, 'weak_password']);
    assert.ok(!text.includes(password), text);
  });

test('a password of 72 bytes is taken, whatever it is made of', async () => {
  for (const password of ['y'.repeat(72), 'ä'.repeat(36), '77777707', 'no capital, no digit']) {
    const { status, text } = await register(password);
    assert.equal(status, 201, text);
  }
});

test('a weak password is refused when it is changed, too, and nothing has changed then', async () => {
  const person = await newPerson(base);
  const change = { current_password: person.password, new_password: 'sunshine' };
  const { status, body } = await sendJson(`${base}/users/me/password`, 'PUT', change, person.headers);
  assert.deepEqual([status, body.code], [422, 'weak_password']);
  assert.equal((await person.get('/users/me')).status, 200);
});

test('a weak ADMIN_PASSWORD does not start, and is not repeated', async () => {
  const env = { ADMIN_USERNAME: 'boss', ADMIN_PASSWORD: 'football' };
  await assert.rejects(
    startService(env),
    ({ message }: Error) => /commonest/.test(message) && !/football/.test(message),
  );
});
