import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { newAdmin, newPerson, sendJson } from '../../test/helpers/client.ts';
import { startService } from '../../test/helpers/service.ts';

const service = await startService({ BCRYPT_COST: '12' });
after(() => service.stop());
const admin = await newAdmin(service);
const person = await newPerson(service.url, 'person');

const logIn = () =>
  sendJson(`${service.url}/auth/login`, 'POST', { username: person.username, password: person.password });
const active = (now: boolean) => admin.patch(`/users/${person.userId}`, { active: now });

test('whoever is locked out while their password is checked gets no session', async () => {
  const login = logIn();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal((await active(false)).status, 200);
  assert.equal((await login).status, 401);
  await active(true);
  assert.equal((await logIn()).status, 200);
  assert.equal((await person.get('/users/me')).status, 401, 'the session from before has ended for good');
});

test('a login is written down once', async () => {
  const before = (await admin.get('/audit?action=user.login')).body.total;
  await logIn();
  assert.equal((await admin.get('/audit?action=user.login')).body.total, before + 1);
});
