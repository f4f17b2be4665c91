import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type Answer, call, newAdmin, newPerson, type Person, sendJson } from '../helpers/client.ts';
import { startService } from '../helpers/service.ts';
import { noRedis, REDIS_URL } from '../helpers/tools.ts';

const attempt = (url: string, username: string, password = 'not the password') =>
  sendJson(`${url}/auth/login`, 'POST', { username, password });
const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status);

describe('guessing a password', async () => {
  const service = await startService();
  after(() => service.stop());

  test('is slowed after six failures, in whatever way the name is written', async () => {
    const { username } = await newPerson(service.url, 'victim');
    const spellings = [username, username.toUpperCase(), ` ${username} `, username.replace('v', 'ｖ')];
    const answers = [];
    for (let i = 0; i < 8; i++) answers.push(await attempt(service.url, spellings[i % spellings.length]!));
    assert.deepEqual(statuses(answers), [...Array(6).fill(401), 429, 429]);
    assert.equal(answers[7]!.body.code, 'rate_limited');
    assert.ok(Number(answers[7]!.headers.get('retry-after')) >= 1);
    assert.equal(answers[7]!.body.retry_after, Number(answers[7]!.headers.get('retry-after')));
  });

  test('is slowed the same for a name that nobody has', async () => {
    const answers = [];
    for (let i = 0; i < 7; i++) answers.push(await attempt(service.url, 'nobody-has-this-name'));
    assert.deepEqual(statuses(answers), [...Array(6).fill(401), 429]);
  });

  test('does not keep the owner out: the wait ends, and the right password ends the count', async () => {
    const { username, password } = await newPerson(service.url, 'owner');
    for (let i = 0; i < 7; i++) await attempt(service.url, username);
    const { headers } = await attempt(service.url, username);
    await new Promise((resolve) => setTimeout(resolve, Number(headers.get('retry-after')) * 1000));
    assert.equal((await attempt(service.url, username, password)).status, 200);
    assert.equal((await attempt(service.url, username)).status, 401);
  });

  test('is slowed when it is the current password of a session, too', async () => {
    const thief = await newPerson(service.url, 'robbed');
    const answers = [];
    for (let i = 0; i < 7; i++) answers.push(await thief.post('/auth/confirm', { password: 'guess' }));
    assert.deepEqual(statuses(answers), [...Array(6).fill(401), 429]);
  });
});

describe('requests', async () => {
  const service = await startService({ RATE_LIMIT_PER_MINUTE: '20', TRANSFER_LIMIT_PER_MINUTE: '3' });
  after(() => service.stop());
  const person = await newPerson(service.url);
  const other = await newPerson(service.url);
  const me = (who: Person) => who.get('/users/me');

  test('are counted for each user by themselves and told in every answer', async () => {
    const first = await me(person);
    const second = await me(person);
    const left = Number(first.headers.get('ratelimit-remaining'));
    assert.equal(first.headers.get('ratelimit-limit'), '20');
    assert.equal(second.headers.get('ratelimit-remaining'), String(left - 1));
    assert.match(first.headers.get('ratelimit') ?? '', /^"user";r=\d+;t=\d+$/);
    assert.equal(first.headers.get('ratelimit-policy'), '"user";q=20;w=60');
    for (let i = 0; i < left; i++) await me(person);
    const refused = await me(person);
    assert.equal(refused.status, 429);
    assert.equal(refused.body.code, 'rate_limited');
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    assert.equal((await me(other)).status, 200, 'the other has a count of their own');
  });

  test('that move files have a limit of their own', async () => {
    const sender = other;
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await sender.upload('a.csv', 'a,b\n1,2\n'));
    assert.deepEqual(statuses(answers), [202, 202, 202, 429]);
    assert.match(answers[3]!.headers.get('ratelimit') ?? '', /^"transfer";r=0/);
    assert.equal((await me(sender)).status, 200);
  });

  test('of who is not signed in are counted by address, those with a bad token among them', async () => {
    const bad = () => call(`${service.url}/users/me`, { headers: { authorization: 'Bearer nonsense' } });
    const answers = [];
    for (let i = 0; i < 21; i++) answers.push(await bad());
    assert.ok(statuses(answers).every((status) => status === 401 || status === 429));
    assert.equal(answers.at(-1)!.status, 429);
  });
});

describe('two processes that name one Redis', { skip: noRedis }, async () => {
  const env = { REDIS_URL, LOGIN_LIMIT_PER_MINUTE: '0' };
  const [one, two] = noRedis ? [] : await Promise.all([startService(env), startService(env)]);
  after(() => Promise.all([one?.stop(), two?.stop()]));

  test('count a guesser together', async () => {
    const name = `guessed-${Date.now()}`;
    const answers = [];
    for (let i = 0; i < 8; i++) answers.push(await attempt((i % 2 ? one! : two!).url, name));
    assert.deepEqual(statuses(answers), [...Array(6).fill(401), 429, 429]);
  });
});

test('the quota of a workspace holds for all its members together', async () => {
  const service = await startService();
  after(() => service.stop());
  const admin = await newAdmin(service);
  const { body } = await admin.get('/workspaces/current');
  await admin.patch(`/workspaces/${body.workspace_id}`, { max_requests: 5 });
  const person = await newPerson(service.url);
  const answers = [];
  for (let i = 0; i < 6; i++) answers.push(await (i % 2 ? admin : person).get('/users/me'));
  assert.equal(answers.at(-1)!.status, 429);
  assert.match(answers.at(-1)!.headers.get('ratelimit') ?? '', /^"workspace";r=0/);
});
