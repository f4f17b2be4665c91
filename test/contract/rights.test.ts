import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Answer, call, logIn, newAdmin, newPerson, type Person, sendJson } from '../helpers/client.ts';
import { createMovingClock } from '../helpers/moving-clock.ts';
import { startService } from '../helpers/service.ts';

const service = await startService();
after(() => service.stop());
const base = `${service.url}/v1`;
const operator = await newAdmin({ ...service, url: base }, 'operator');
const sent = ({ status, body }: Answer) => [status, body.code];
let people = 0;

/** An administrator who may reveal, or may not; who runs the service is not them. */
async function newAdministrator(mayReveal = true): Promise<Person> {
  const person = await newPerson(base, 'administrator');
  const changed = await operator.patch(`/users/${person.userId}`, { role: 'admin', may_reveal: mayReveal });
  assert.equal(changed.status, 200, changed.text);
  return person;
}

/** The headers of an administrator's program that is held to some scopes. */
async function newProgram(scopes: readonly string[]) {
  const made = await operator.post('/clients', { name: 'program', role: 'admin', scopes });
  assert.equal(made.status, 201, made.text);
  const { body } = await sendJson(`${base}/login`, 'POST', { client_key: made.body.client_key });
  return { clientId: made.body.client_id as string, headers: { authorization: `Bearer ${body.access_token}` } };
}

/** Somebody who registers with an invitation. */
function accept(token: string): Promise<Answer> {
  const username = `guest${++people}`;
  const registration = { username, email: `${username}@example.org`, password: 'correct horse battery staple' };
  return sendJson(`${base}/auth/register`, 'POST', { ...registration, invitation: token });
}

test('an administrator who may not reveal gives that right to nobody: not to themselves, not to another', async () => {
  const admin = await newAdministrator(false);
  const member = await newPerson(base);
  await operator.patch(`/users/${member.userId}`, { may_reveal: false });
  for (const userId of [admin.userId, member.userId]) {
    assert.deepEqual(sent(await admin.patch(`/users/${userId}`, { may_reveal: true })), [403, 'reveal_not_allowed']);
    assert.equal((await admin.get(`/users/${userId}`)).body.may_reveal, false);
  }
  const other = await newPerson(base);
  const kept = await admin.patch(`/users/${other.userId}`, { role: 'member', may_reveal: true });
  assert.deepEqual([kept.status, kept.body.may_reveal], [200, true], 'what somebody has may be said again');
});

test('an administrator who may not reveal widens the reach of nobody who may', async () => {
  const admin = await newAdministrator(false);
  const other = await newPerson(base, 'other');
  const change = (body: object) => admin.patch(`/users/${other.userId}`, body);
  assert.deepEqual(sent(await change({ role: 'admin' })), [403, 'reveal_not_allowed']);
  assert.equal((await change({ active: false })).status, 200);
  assert.deepEqual(sent(await change({ active: true })), [403, 'reveal_not_allowed']);
  const without = await change({ active: true, role: 'admin', may_reveal: false });
  assert.deepEqual([without.status, without.body.role, without.body.may_reveal], [200, 'admin', false]);
  assert.deepEqual(sent(await admin.patch('/workspaces/current', { shared_files: true })), [403, 'reveal_not_allowed']);
  assert.equal((await admin.patch('/workspaces/current', { shared_files: false })).status, 200);
  const made = await operator.post('/clients', { name: 'reader', role: 'member', scopes: ['files:read', 'reveal'] });
  const raised = await admin.patch(`/clients/${made.body.client_id}`, { role: 'admin' });
  assert.deepEqual(sent(raised), [403, 'reveal_not_allowed']);
});

test('a program makes nobody more than it is held to: neither by a role nor by an invitation', async () => {
  const { headers } = await newProgram(['admin', 'files:read']);
  const member = await newPerson(base);
  const change = (body: object) => sendJson(`${base}/users/${member.userId}`, 'PATCH', body, headers);
  const invite = (body: object) => sendJson(`${base}/invitations`, 'POST', body, headers);
  assert.deepEqual(sent(await change({ role: 'admin' })), [403, 'reveal_not_allowed']);
  assert.deepEqual(sent(await change({ role: 'admin', may_reveal: false })), [403, 'insufficient_scope']);
  assert.equal((await change({ role: 'viewer', may_reveal: false })).status, 200);
  assert.deepEqual(sent(await change({ role: 'member' })), [403, 'insufficient_scope']);
  assert.deepEqual(sent(await change({ may_reveal: true })), [403, 'reveal_not_allowed']);
  assert.deepEqual(sent(await invite({ role: 'admin' })), [403, 'insufficient_scope']);
  assert.deepEqual(sent(await invite({ role: 'viewer', may_reveal: true })), [403, 'reveal_not_allowed']);
  assert.equal((await invite({ role: 'viewer' })).status, 201);
});

test('a login that is held to scopes gives away no right that the scopes leave out', async () => {
  const form = new URLSearchParams({
    grant_type: 'password',
    username: operator.username,
    password: operator.password,
    scope: 'admin files:read files:write audit:read',
  });
  const { access_token: token } = (await (await fetch(`${base}/token`, { method: 'POST', body: form })).json()) as {
    access_token: string;
  };
  const headers = { authorization: `Bearer ${token}` };
  const invited = await sendJson(`${base}/invitations`, 'POST', { role: 'admin', may_reveal: true }, headers);
  assert.deepEqual(sent(invited), [403, 'insufficient_scope']);
  const made = await operator.post('/workspaces', { name: 'Elsewhere' });
  const elsewhere = await call(`${base}/workspaces/${made.body.workspace_id}`, { headers });
  assert.deepEqual(sent(elsewhere), [403, 'insufficient_scope'], 'to run the service takes a login of its own');
});

test('an invitation is good only as long as who made it could still make it', async () => {
  const admin = await newAdministrator();
  const invite = async (more: object = {}) => (await admin.post('/invitations', { role: 'admin', ...more })).body.token;
  const [plain, revealing, later] = [await invite(), await invite({ may_reveal: true }), await invite()];
  await operator.patch(`/users/${admin.userId}`, { may_reveal: false });
  assert.deepEqual(sent(await accept(revealing)), [401, 'invitation_invalid']);
  assert.equal((await accept(plain)).status, 201);
  await operator.patch(`/users/${admin.userId}`, { role: 'member' });
  assert.deepEqual(sent(await accept(later)), [401, 'invitation_invalid']);
  await operator.patch(`/users/${admin.userId}`, { role: 'admin', active: false });
  assert.deepEqual(sent(await accept(later)), [401, 'invitation_invalid']);
  await operator.delete(`/users/${admin.userId}`);
  assert.deepEqual(sent(await accept(later)), [401, 'invitation_invalid']);
});

test('an invitation that a program made ends with the program', async () => {
  const { clientId, headers } = await newProgram(['admin', 'files:read']);
  const invited = await sendJson(`${base}/invitations`, 'POST', { role: 'viewer' }, headers);
  await operator.delete(`/clients/${clientId}`);
  assert.deepEqual(sent(await accept(invited.body.token)), [401, 'invitation_invalid']);
});

test('nobody leaves the service without anybody active who runs it', async () => {
  const another = await startService();
  const alone = await newAdmin(another, 'alone');
  const admin = await newPerson(another.url, 'administrator');
  await alone.patch(`/users/${admin.userId}`, { role: 'admin' });
  for (const answer of [
    await admin.patch(`/users/${alone.userId}`, { active: false }),
    await admin.delete(`/users/${alone.userId}`),
    await alone.delete('/users/me'),
  ])
    assert.deepEqual(sent(answer), [409, 'last_admin']);
  assert.equal((await logIn(another.url, alone.username)).userId, alone.userId);
  await another.stop();
});

test('what is over for long is removed at the start', async () => {
  const clock = createMovingClock();
  const first = await startService(clock.env);
  const admin = await newAdmin(first, 'tidy');
  const { dataDir } = first;
  await admin.post('/invitations', { role: 'viewer' });
  await first.stop();
  const totals = [];
  for (const days of [10, 40]) {
    clock.advance(days * 86_400);
    const next = await startService({ ...clock.env, DATA_DIR: dataDir });
    const { get } = await logIn(next.url, admin.username);
    const { items } = (await get('/invitations')).body;
    totals.push(items.map(({ status }: { status: string }) => status));
    await next.stop();
  }
  assert.deepEqual(totals, [['expired'], []]);
});

test('using a spent refresh token, which ends the session, is in the audit log', async () => {
  const person = await newPerson(base);
  const refresh = (token: string) => sendJson(`${base}/auth/refresh`, 'POST', { refresh_token: token });
  const { body } = await refresh(person.refreshToken);
  await refresh(body.refresh_token);
  assert.equal((await refresh(person.refreshToken)).status, 401);
  assert.equal((await person.get('/users/me')).status, 401);
  const { items } = (await operator.get('/audit?action=session.token_reused')).body;
  const [sessionId] = person.refreshToken.split('.');
  assert.deepEqual([items.length, items[0]?.target], [1, `session:${sessionId}`]);
  assert.deepEqual([items[0]?.actor_kind, items[0]?.address], ['nobody', '127.0.0.1']);
});

test('a session that has not proved for a while who it is widens nothing, and takes things away', async (t) => {
  const clock = createMovingClock();
  const another = await startService(clock.env);
  t.after(() => another.stop());
  const admin = await newAdmin(another, 'admin');
  const member = await newPerson(another.url, 'member');
  clock.advance(16 * 60);
  for (const answer of [
    await admin.post('/invitations', { role: 'viewer' }),
    await admin.patch(`/users/${member.userId}`, { role: 'admin' }),
    await admin.delete(`/users/${member.userId}`),
    await admin.post('/keys/export', { reason: 'test' }),
  ])
    assert.deepEqual(sent(answer), [403, 'confirmation_required']);
  for (const narrower of [{ role: 'viewer' }, { may_reveal: false }, { active: false }])
    assert.equal((await admin.patch(`/users/${member.userId}`, narrower)).status, 200);
  assert.equal((await admin.post('/auth/confirm', { password: admin.password })).status, 204);
  assert.equal((await admin.post('/invitations', { role: 'viewer' })).status, 201);
});

test('where one registers by invitation, who has none is not told who is here', async (t) => {
  const another = await startService({ REGISTRATION: 'invitation' });
  t.after(() => another.stop());
  const admin = await newAdmin(another, 'admin');
  const register = (username: string, email: string) =>
    sendJson(`${another.url}/auth/register`, 'POST', {
      ...{ username, email, password: 'correct horse battery staple', invitation: 'made up' },
    });
  const known = await register(admin.username, `${admin.username}@example.org`);
  const unknown = await register('nobody', 'nobody@example.org');
  assert.deepEqual(sent(known), [401, 'invitation_invalid']);
  assert.deepEqual(sent(unknown), sent(known));
});
