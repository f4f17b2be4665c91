import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { call, eventually, logIn, newAdmin, newPerson, type Person } from '../helpers/client.ts';
import { followWithHeader } from '../helpers/live.ts';
import { startService } from '../helpers/service.ts';

const keys = {
  SECRET_KEY: randomBytes(48).toString('base64url'),
  ENCRYPTION_KEY: randomBytes(32).toString('base64url').concat('='),
};
const first = await startService(keys);
const second = await startSecond();
after(() => Promise.all([first.stop(), second.stop()]));
const admin = await newAdmin(first);

/** A second process on the database of the first. */
async function startSecond() {
  const folder = mkdtempSync(join(tmpdir(), 'intakt-second-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  copyFileSync(join(first.dataDir, 'database.key'), join(folder, 'database.key'));
  return startService({ ...keys, DATA_DIR: folder, DATABASE_URL: `sqlite:///${first.dataDir}/files.db` });
}

/** Each way to end someone's access, by whoever may. The caller has a session and a second one, both of their own. */
const WAYS: [what: string, end: (person: Person) => Promise<{ status: number }>][] = [
  ['logout', (person) => person.post('/auth/logout')],
  ['ending all sessions', (person) => person.delete('/sessions?everywhere=true')],
  ['another password', (person) => changePassword(person)],
  ['being made inactive', (person) => admin.patch(`/users/${person.userId}`, { active: false })],
  ['sessions ended by an administrator', (person) => admin.delete(`/users/${person.userId}/sessions`)],
  ['being removed', (person) => admin.delete(`/users/${person.userId}`)],
];

const changePassword = (person: Person) =>
  call(`${person.base}/users/me/password`, {
    method: 'PUT',
    headers: { ...person.headers, 'content-type': 'application/json' },
    body: JSON.stringify({ current_password: person.password, new_password: 'another long passphrase' }),
  });

for (const [what, end] of WAYS) {
  describe(`${what} acts at once, in another process too`, () => {
    for (const [where, { url }] of [
      ['the same process', first],
      ['a second process on the database', second],
    ] as const) {
      test(where, async () => {
        const person = await newPerson(first.url);
        const { body } = await person.parsed('a.csv', 'a,b\n1,2\n');
        const socket = await followWithHeader({ ...person, base: url }, `/ws/${body.file_id}`);
        await eventually('the socket says something', () => socket.messages.length > 0);
        const { status } = await end(person);
        assert.ok(status === 200 || status === 204, `${status}`);
        const ended = performance.now();
        const refused = await call(`${url}/users/me`, { headers: person.headers });
        assert.equal(refused.status, 401);
        const refreshed = await call(`${url}/auth/refresh`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ refresh_token: person.refreshToken }),
        });
        assert.equal(refreshed.status, 401);
        assert.equal(await socket.closed, 1008);
        const took = performance.now() - ended;
        assert.ok(took < 1000, `the socket stayed open for ${Math.round(took)} ms`);
      });
    }
  });
}

test('an export of the audit log that is under way is broken off when who asked may not read it any more', async (t) => {
  const own = await startService();
  t.after(() => own.stop());
  const owner = await newAdmin(own);
  const reader = await newPerson(own.url);
  // Each read of many columns is a long entry: more of them than fit between the two ends of a connection.
  const columns = Array.from({ length: 1400 }, (_, n) => `${'c'.repeat(190)}${n}`);
  const { body } = await owner.parsed('wide.csv', `${columns.join()}\n${columns.map((_, n) => n).join()}\n`);
  const query = { level: 'plain', columns, limit: 1 };
  await Promise.all(Array.from({ length: 60 }, () => owner.post(`/datasets/${body.dataset_id}/query`, query)));
  const ends = [
    (who: Person) => who.post('/auth/logout'),
    () => owner.patch(`/users/${reader.userId}`, { role: 'member' }),
  ];
  for (const end of ends) {
    await owner.patch(`/users/${reader.userId}`, { role: 'admin' });
    const who = await logIn(own.url, reader.username);
    const { body: log } = await fetch(`${own.url}/audit/export`, { headers: who.headers });
    const received = log!.getReader();
    await received.read();
    await end(who);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await assert.rejects(async () => {
      while (!(await received.read()).done);
    }, end.toString());
  }
});

test('a change of role acts on the next request, with the token from before', async () => {
  const person = await newPerson(first.url);
  assert.equal((await person.get('/users')).status, 403);
  await admin.patch(`/users/${person.userId}`, { role: 'admin' });
  assert.equal((await person.get('/users')).status, 200);
  await admin.patch(`/users/${person.userId}`, { role: 'viewer' });
  assert.equal((await person.upload('a.csv', 'a,b\n1,2\n')).status, 403);
});

test('the other sessions of someone who logs out stay', async () => {
  const person = await newPerson(first.url);
  const other = await logIn(first.url, person.username);
  await person.post('/auth/logout');
  assert.equal((await other.get('/users/me')).status, 200);
});
