import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { type Answer, call, logIn, newAdmin, newPerson, sendJson } from '../helpers/client.ts';
import { createMovingClock } from '../helpers/moving-clock.ts';
import { startService } from '../helpers/service.ts';
import { curl, noCurl } from '../helpers/tools.ts';

const clock = createMovingClock();
const service = await startService(clock.env);
after(() => service.stop());
const admin = await newAdmin(service);

const GRACE_SECONDS = 11;
const MINUTE = 60;
const DAY = 86_400;

for (const version of ['', '/v1']) {
  const base = service.url + version;
  const post = (path: string, body: unknown) => sendJson(base + path, 'POST', body);
  const refresh = (refresh_token: string) => post('/auth/refresh', { refresh_token });
  const suffix = version ? 'v1' : 'plain';
  const registration = {
    username: `Zoë_${suffix}`,
    email: `zoe.${suffix}@example.org`,
    full_name: 'Zoë Müller',
    password: 'a long passphrase',
  };

  describe(`${version}/auth/register`, () => {
    test('answers 201 and the user without secrets', async () => {
      const { status, body, text } = await post('/auth/register', registration);
      assert.equal(status, 201);
      assert.equal(body.username, registration.username);
      assert.equal(body.email, registration.email);
      assert.equal(body.full_name, registration.full_name);
      assert.match(body.user_id, /./);
      assert.doesNotMatch(text, /pass|hash|secret/i);
    });

    test('answers 409 when the name is taken, in whatever case', async () => {
      for (const username of [registration.username, registration.username.toUpperCase()]) {
        const { status, body } = await post('/auth/register', {
          ...registration,
          username,
          email: 'other@example.org',
        });
        assert.equal(status, 409);
        assert.equal(body.code, 'username_taken');
      }
    });

    test('answers 409 when the e-mail is taken, in whatever case', async () => {
      for (const email of [registration.email, registration.email.toUpperCase()]) {
        const { status, body } = await post('/auth/register', { ...registration, username: 'somebody_else', email });
        assert.equal(status, 409);
        assert.equal(body.code, 'email_taken');
      }
    });

    test('gives a name that eight ask for at the same time to one of them', async () => {
      const asked = Array.from({ length: 8 }, (_, i) => {
        const email = `race${i}.${suffix}@example.org`;
        return post('/auth/register', { ...registration, username: `race_${suffix}`, email });
      });
      const statuses = (await Promise.all(asked)).map(({ status }) => status).sort();
      assert.deepEqual(statuses, [201, ...Array(7).fill(409)]);
    });

    const refused: [what: string, change: object, status: number, code: string][] = [
      ['a short password', { password: 'short' }, 422, 'weak_password'],
      ['a password that bcrypt would cut off', { password: 'ä'.repeat(40) }, 422, 'weak_password'],
      ['no username', { username: undefined }, 400, 'invalid_request'],
      ['an empty username', { username: '' }, 400, 'invalid_request'],
      ['a username with a space', { username: 'two words' }, 400, 'invalid_request'],
      [
        'a username that is another one and what is drawn as nothing',
        { username: 'admin\u{FE0F}' },
        400,
        'invalid_request',
      ],
      ['a username of nothing that is drawn', { username: '\u{3164}' }, 400, 'invalid_request'],
      ['no e-mail', { email: undefined }, 400, 'invalid_request'],
      ['an e-mail without @', { email: 'nowhere' }, 400, 'invalid_request'],
      ['an object as password', { password: { $ne: '' } }, 400, 'invalid_request'],
    ];
    for (const [what, change, status, code] of refused) {
      test(`refuses ${what} with ${status} ${code}`, async () => {
        const fresh = { ...registration, username: `new_${suffix}`, email: `new.${suffix}@example.org` };
        const answer = await post('/auth/register', { ...fresh, ...change });
        assert.equal(answer.status, status);
        assert.equal(answer.body.code, code);
      });
    }

    test('makes nobody but the first user an administrator, even who asks for it', async () => {
      const wish = { ...registration, username: `sly_${suffix}`, email: `sly.${suffix}@example.org`, role: 'admin' };
      const { status, body } = await post('/auth/register', wish);
      assert.equal(status, 201);
      assert.equal(body.role, 'member');
    });
  });

  describe(`${version}/auth/login`, () => {
    test('answers {access_token, refresh_token, token_type: "bearer", expires_in: 1800}', async () => {
      const { username, password } = registration;
      const { status, body } = await post('/auth/login', { username, password });
      assert.equal(status, 200);
      assertPair(body);
    });

    test('says the same of a wrong password and of a user who does not exist', async () => {
      const wrong = await post('/auth/login', { username: registration.username, password: 'not it at all' });
      const nobody = await post('/auth/login', { username: 'nobody_at_all', password: 'not it at all' });
      for (const answer of [wrong, nobody]) {
        assert.equal(answer.status, 401);
        assert.equal(answer.body.code, 'invalid_credentials');
      }
      assert.deepEqual(wrong.body, nobody.body);
    });

    test('does not take a longer text that begins with the password', async () => {
      const { username, password } = registration;
      assert.equal((await post('/auth/login', { username, password: `${password}x` })).status, 401);
    });

    test('lets nobody in who was made inactive, and ends what they had', async () => {
      const person = await newPerson(base);
      const boss = await logIn(base, admin.username);
      assert.equal((await boss.patch(`/users/${person.userId}`, { active: false })).status, 200);
      const { username, password } = person;
      assert.equal((await post('/auth/login', { username, password })).status, 401);
      assert.equal((await person.get('/users/me')).status, 401);
      assert.equal((await refresh(person.refreshToken)).status, 401);
    });
  });

  describe(`${version}/auth/refresh`, () => {
    test('answers the same shape with a new pair', async () => {
      const person = await newPerson(base);
      const { status, body } = await refresh(person.refreshToken);
      assert.equal(status, 200);
      assertPair(body);
      assert.notEqual(body.refresh_token, person.refreshToken);
      assert.equal((await call(`${base}/users/me`, bearer(body.access_token))).body.username, person.username);
    });

    test('gives another access token, also within the second of the login', async () => {
      const person = await newPerson(base);
      assert.notEqual((await refresh(person.refreshToken)).body.access_token, person.accessToken);
    });

    test('spends the old refresh token: used again it is refused, and who has the new one goes on', async () => {
      const person = await newPerson(base);
      const { body: renewed } = await refresh(person.refreshToken);
      const reused = await refresh(person.refreshToken);
      assert.deepEqual([reused.status, reused.body.code], [401, 'refresh_token_invalid']);
      assert.equal((await call(`${base}/users/me`, bearer(renewed.access_token))).status, 200);
      assert.equal((await refresh(renewed.refresh_token)).status, 200);
    });

    test('a refresh token that is used again after the grace ends the session', async () => {
      const person = await newPerson(base);
      const { body: renewed } = await refresh(person.refreshToken);
      clock.advance(GRACE_SECONDS);
      const reused = await refresh(person.refreshToken);
      assert.equal(reused.status, 401);
      assert.equal(reused.body.code, 'refresh_token_invalid');
      assert.equal((await refresh(renewed.refresh_token)).status, 401);
      assert.equal((await call(`${base}/users/me`, bearer(renewed.access_token))).status, 401);
    });

    test('knows each refresh token that was ever given: one spent long ago ends the session too', async () => {
      const person = await newPerson(base);
      let newest = person.refreshToken;
      for (let n = 0; n < 3; n++) newest = (await refresh(newest)).body.refresh_token;
      assert.equal((await refresh(person.refreshToken)).body.code, 'refresh_token_invalid');
      assert.equal((await refresh(newest)).status, 401);
      assert.equal((await person.get('/users/me')).status, 401);
    });

    test('a made-up refresh token is refused and ends no session, whosever it names', async () => {
      const [person, other] = [await newPerson(base), await newPerson(base)];
      const [session] = person.refreshToken.split('.');
      const secrets = [randomBytes(32).toString('base64url'), other.refreshToken.split('.')[1]];
      for (const secret of secrets) {
        const { status, body } = await refresh(`${session}.${secret}`);
        assert.deepEqual([status, body.code], [401, 'refresh_token_invalid']);
      }
      assert.equal((await person.get('/users/me')).status, 200);
      assert.equal((await refresh(person.refreshToken)).status, 200);
    });

    test('ends no other session of the same user', async () => {
      const person = await newPerson(base);
      const other = await logIn(base, person.username);
      await refresh(person.refreshToken);
      clock.advance(GRACE_SECONDS);
      await refresh(person.refreshToken);
      assert.equal((await person.get('/users/me')).status, 401);
      assert.equal((await other.get('/users/me')).status, 200);
    });

    test('gives twenty refreshes at the same time one successor, and who comes late none', async () => {
      const person = await newPerson(base);
      const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(person.refreshToken)));
      assert.ok(answers.every(({ status }) => status === 200 || status === 401));
      const given = answers.filter(({ status }) => status === 200);
      const successors = new Set(given.map(({ body }) => body.refresh_token));
      assert.equal(successors.size, 1);
      assert.equal((await refresh([...successors][0])).status, 200);
    });

    test('refuses what is no refresh token, an access token among it', async () => {
      const person = await newPerson(base);
      const guessed = `${person.refreshToken.split('.')[0]}.${'A'.repeat(43)}`;
      for (const token of ['x', person.accessToken, `${person.refreshToken}x`, '.', '\0', 'é'.repeat(100)]) {
        const { status, body } = await refresh(token);
        assert.equal(status, 401, token);
        assert.equal(body.code, 'refresh_token_invalid');
      }
      assert.equal((await refresh(guessed)).status, 401);
    });

    test('an access token is good for 30 minutes, and then the refresh token gives the next', async () => {
      const person = await newPerson(base);
      clock.advance(29 * MINUTE);
      assert.equal((await person.get('/users/me')).status, 200);
      clock.advance(2 * MINUTE);
      const expired = await person.get('/users/me');
      assert.equal(expired.status, 401);
      assert.equal(expired.body.code, 'token_expired');
      const { body } = await refresh(person.refreshToken);
      assert.equal((await call(`${base}/users/me`, bearer(body.access_token))).status, 200);
    });

    test('a refresh token is good for 7 days after the login, however often it was refreshed', async () => {
      const person = await newPerson(base);
      clock.advance(6 * DAY);
      const { status, body } = await refresh(person.refreshToken);
      assert.equal(status, 200);
      clock.advance(1 * DAY + MINUTE);
      const late = await refresh(body.refresh_token);
      assert.equal(late.status, 401);
      assert.equal(late.body.code, 'refresh_token_invalid');
    });
  });

  describe(`${version}/users`, () => {
    test('/users/me is the caller', async () => {
      const person = await newPerson(base);
      const { status, body } = await person.get('/users/me');
      assert.equal(status, 200);
      assert.equal(body.user_id, person.userId);
      assert.equal(body.username, person.username);
      assert.equal(body.email, `${person.username}@example.org`);
    });

    test('/users?limit=100&offset=0 is for administrators only, else 403', async () => {
      const boss = await logIn(base, admin.username);
      const { status, body } = await boss.get('/users?limit=100&offset=0');
      assert.equal(status, 200);
      assert.equal(body.limit, 100);
      assert.equal(body.offset, 0);
      assert.equal(body.items.length, Math.min(100, body.total));
      assert.ok(body.items.some((user: { username: string }) => user.username === registration.username));

      const person = await newPerson(base);
      const refused = await person.get('/users?limit=100&offset=0');
      assert.equal(refused.status, 403);
      assert.equal(refused.body.code, 'forbidden');
    });

    test('an administrator may remove a user, a user may not: nobody else, and not themselves by that way', async () => {
      const [person, other] = [await newPerson(base), await newPerson(base)];
      for (const { userId } of [person, other]) {
        const { status, body } = await person.delete(`/users/${userId}`);
        assert.deepEqual([status, body.code], [403, 'forbidden']);
      }
      const boss = await logIn(base, admin.username);
      assert.equal((await boss.delete(`/users/${other.userId}`)).status, 204);
      assert.equal((await other.get('/users/me')).status, 401);
      assert.equal((await person.delete('/users/me')).status, 204, 'one leaves by a way of its own');
    });

    test('/users comes a page at a time, each user once', async () => {
      const boss = await logIn(base, admin.username);
      const seen: string[] = [];
      for (let offset = 0, total = 1; offset < total; offset += 3) {
        const { body } = await boss.get(`/users?limit=3&offset=${offset}`);
        total = body.total;
        seen.push(...body.items.map((user: { user_id: string }) => user.user_id));
        assert.ok(body.items.length <= 3);
      }
      assert.equal(new Set(seen).size, seen.length);
      assert.equal((await boss.get('/users?limit=1')).body.total, seen.length);
    });

    test('a change of what a user may is for administrators, and a workspace keeps one', async () => {
      const person = await newPerson(base);
      assert.equal((await person.patch(`/users/${person.userId}`, { role: 'admin' })).status, 403);
      const boss = await logIn(base, admin.username);
      const alone = await boss.patch(`/users/${boss.userId}`, { role: 'member' });
      assert.equal(alone.status, 409);
      assert.equal(alone.body.code, 'last_admin');
      assert.equal((await boss.patch(`/users/${'0'.repeat(8)}`, { role: 'member' })).body.code, 'user_not_found');
    });
  });

  test(`curl registers and logs in at ${base.slice(service.url.length)}/auth as the documents write it`, {
    skip: noCurl,
  }, async () => {
    const json = ['-H', 'Content-Type: application/json', '-X', 'POST'];
    const user = {
      username: `curl_${suffix}`,
      email: `curl.${suffix}@example.org`,
      full_name: 'C',
      password: 'from a shell',
    };
    const registered = await curl(`${base}/auth/register`, ...json, '-d', JSON.stringify(user));
    assert.equal(registered.status, 201);
    const { username, password } = user;
    const login = await curl(`${base}/auth/login`, ...json, '-d', JSON.stringify({ username, password }));
    const { access_token: token } = JSON.parse(login.body);
    const me = await curl(`${base}/users/me`, '-H', `Authorization: Bearer ${token}`);
    assert.equal(JSON.parse(me.body).username, username);
  });
}

test('too many logins from one address answer 429 and say when to come back', async () => {
  const limited = await startService({ LOGIN_LIMIT_PER_MINUTE: '3', RATE_LIMIT_PER_MINUTE: '1000' });
  after(() => limited.stop());
  const answers: Answer[] = [];
  for (let i = 0; i < 4; i++) {
    answers.push(await sendJson(`${limited.url}/auth/login`, 'POST', { username: 'x', password: 'y' }));
  }
  assert.deepEqual(
    answers.map(({ status }) => status),
    [401, 401, 401, 429],
  );
  assert.equal(answers[3]!.body.code, 'rate_limited');
  assert.ok(Number(answers[3]!.headers.get('retry-after')) > 0);
  assert.equal((await call(`${limited.url}/`)).status, 200);
});

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

function assertPair(body: Record<string, unknown>): void {
  assert.deepEqual(Object.keys(body).sort(), ['access_token', 'expires_in', 'refresh_token', 'token_type']);
  assert.match(String(body.access_token), /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.equal(body.token_type, 'bearer');
  assert.equal(body.expires_in, 1800);
}
