import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { connect } from 'node:net';
import { after, describe, test } from 'node:test';
import { type Answer, call, newPerson, type Person, sendJson } from '../helpers/client.ts';
import { createMovingClock } from '../helpers/moving-clock.ts';
import { RAW_FORM, rawForm, sendRaw } from '../helpers/raw-http.ts';
import { startService } from '../helpers/service.ts';

const clock = createMovingClock();
const SECRET_KEY = 'Kq3vZ8wT1xYb6NcRf2LhJm9UePsGdA7o';
const service = await startService({ ...clock.env, SECRET_KEY });
after(() => service.stop());

interface Operation {
  readonly method: string;
  readonly path: string;
}

/** All operations of the OpenAPI document that ask for a token, with an identifier of nothing in their paths. */
async function protectedOperations(): Promise<Operation[]> {
  const { body } = await call(`${service.url}/openapi.json`);
  type Described = { security?: object[]; requestBody?: { content: object } };
  const paths = Object.entries(body.paths as Record<string, Record<string, Described>>);
  return paths.flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { security }]) => (security ?? body.security).length > 0)
      // OAuth 2.0 has errors of its own shape.
      .filter(([, { requestBody }]) => !('application/x-www-form-urlencoded' in (requestBody?.content ?? {})))
      .map(([method]) => ({
        method: method.toUpperCase(),
        path: path.replace(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000'),
      })),
  );
}

const operations = await protectedOperations();

/** Asks for every protected operation, under both prefixes; each must answer 401. */
async function askEverything(headers: Record<string, string>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const version of ['', '/v1']) {
    for (const { method, path } of operations) {
      const answer = await call(service.url + version + path, { method, headers });
      answers.push(answer);
      assert.equal(answer.status, 401, `${method} ${version}${path}: ${answer.text}`);
    }
  }
  return answers;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** The parts of a token: its claims as they are, to be put under another header and signature. */
function claimsOf({ accessToken }: Person): object {
  return JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString());
}

function hmacToken(algorithm: 'sha256' | 'sha512', key: string, header: object, claims: object): string {
  const content = `${encode(header)}.${encode(claims)}`;
  return `${content}.${createHmac(algorithm, key).update(content).digest('base64url')}`;
}

describe('every protected operation without a valid bearer answers 401 with WWW-Authenticate: Bearer', () => {
  test('without a token, saying what to send', async () => {
    assert.ok(operations.length >= 15);
    for (const { headers, body } of await askEverything({})) {
      // RFC 6750, 3: who sent no token at all is told no error code.
      assert.doesNotMatch(headers.get('www-authenticate')!, /error=/);
      assert.equal(body.code, 'unauthorized');
      assert.match(body.detail, /Authorization: Bearer/);
    }
  });

  const forms = ['Basic YTpi', 'Bearer', 'Bearer ', 'bearer a b', 'Token x', `Bearer ${'x'.repeat(5000)}`, 'Bearer ..'];
  for (const authorization of forms) {
    test(`with "${authorization.slice(0, 20)}"`, async () => {
      for (const { body } of await askEverything({ authorization })) assert.equal(body.code, 'unauthorized');
    });
  }

  test('with a refresh token in the place of the access token', async () => {
    const person = await newPerson(service.url);
    await askEverything(bearer(person.refreshToken));
  });

  test('with a token that says alg none', async () => {
    const person = await newPerson(service.url);
    for (const alg of ['none', 'None', 'NONE', '']) {
      const unsigned = `${encode({ alg, typ: 'at+jwt' })}.${encode(claimsOf(person))}.`;
      await askEverything(bearer(unsigned));
    }
  });

  test('with a token that is signed with another key or in another way', async () => {
    const person = await newPerson(service.url);
    const claims = claimsOf(person);
    const [header, , signature] = person.accessToken.split('.');
    const { privateKey } = generateKeyPairSync('ed25519');
    const content = `${encode({ alg: 'EdDSA', typ: 'at+jwt' })}.${encode(claims)}`;
    const foreign = [
      hmacToken('sha256', 'another key', { alg: 'HS256', typ: 'at+jwt' }, claims),
      hmacToken('sha256', '', { alg: 'HS256', typ: 'at+jwt' }, claims),
      hmacToken('sha512', SECRET_KEY, { alg: 'HS512', typ: 'at+jwt' }, claims),
      // SECRET_KEY itself signs nothing: who learns of another use of it can make no tokens.
      hmacToken('sha256', SECRET_KEY, { alg: 'HS256', typ: 'at+jwt' }, claims),
      `${content}.${sign(null, Buffer.from(content), privateKey).toString('base64url')}`,
      `${header}.${encode({ ...claims, sub: 'somebody else' })}.${signature}`,
      `${header}.${encode({ ...claims, exp: 9_999_999_999 })}.${signature}`,
    ];
    for (const token of foreign) await askEverything(bearer(token));
    assert.equal((await person.get('/users/me')).status, 200);
  });
});

test('an expired and an invalid token are told apart', async () => {
  const person = await newPerson(service.url);
  const invalid = await call(`${service.url}/v1/users/me`, { headers: bearer(`${person.accessToken}x`) });
  assert.equal(invalid.body.code, 'unauthorized');
  assert.match(invalid.headers.get('www-authenticate')!, /error="invalid_token".*not valid/);
  clock.advance(31 * 60);
  for (const { body, headers } of await askEverything(person.headers)) {
    assert.equal(body.code, 'token_expired');
    assert.match(body.detail, /refresh/);
    assert.match(headers.get('www-authenticate')!, /error="invalid_token".*expired/);
  }
});

describe('errors are application/problem+json with a stable code and a detail that says what to do', () => {
  const login = `${service.url}/v1/auth/login`;
  const json = { 'content-type': 'application/json' };
  const post = (body: string, headers: Record<string, string>) => call(login, { method: 'POST', headers, body });

  test('a path that there is not', async () => {
    for (const path of ['/nothing', '/v1/nothing', '/v2/files', '/v1/v1/files', '/.env', '//files', '/docs/../.env']) {
      const { status, body } = await call(service.url + path);
      assert.equal(status, 404, path);
      assert.equal(body.code, 'not_found');
    }
  });

  test('a method that a path does not offer', async () => {
    for (const [method, path, allow] of [
      ['PUT', '/files', 'GET, HEAD, OPTIONS, POST'],
      ['POST', '/v1/users/me', 'DELETE, GET, HEAD, OPTIONS, PATCH'],
      ['PATCH', '/files/search', 'DELETE, GET, HEAD, OPTIONS'],
      ['GET', '/token', 'OPTIONS, POST'],
      ['DELETE', '/v1/auth/login?x=/files', 'OPTIONS, POST'],
      ['POST', '/', 'GET, HEAD, OPTIONS'],
    ] as const) {
      const { status, body, headers } = await call(service.url + path, { method });
      assert.deepEqual([status, body.code], [405, 'method_not_allowed'], `${method} ${path}`);
      assert.equal(headers.get('allow')?.split(', ').sort().join(', '), allow);
      const options = await call(service.url + path, { method: 'OPTIONS' });
      assert.deepEqual([options.status, options.headers.get('allow')], [204, headers.get('allow')]);
    }
    assert.equal((await call(`${service.url}/nothing`, { method: 'OPTIONS' })).status, 404);
  });

  test('a path with a slash at its end is the same path', async () => {
    const person = await newPerson(service.url);
    for (const path of ['/files/', '/v1/files/?limit=1', '/users/me/'])
      assert.equal((await person.get(path)).status, 200);
    assert.equal((await sendJson(`${service.url}/v1/auth/login/`, 'POST', {})).status, 400);
  });

  test('a number that is larger than any there can be', async () => {
    const person = await newPerson(service.url);
    const most = Number.MAX_SAFE_INTEGER;
    for (const path of ['/files?offset=', '/files/search?q=x&offset=', '/events?after=', '/files?limit=']) {
      if (!path.endsWith('limit=')) assert.equal((await person.get(path + most)).status, 200, path);
      for (const number of ['9007199254740992', '99999999999999999999', '1e300', '1e400']) {
        const { status, body } = await person.get(path + number);
        assert.deepEqual([status, body.code], [400, 'invalid_request'], path + number);
      }
    }
  });

  test('a request without a body may name a type of one', async () => {
    const person = await newPerson(service.url);
    const options = { method: 'POST', headers: { ...person.headers, ...json } };
    assert.equal((await call(`${service.url}/v1/users/me/totp`, options)).status, 201);
    assert.equal((await call(`${service.url}/v1/logout`, options)).status, 200);
  });

  test('a path that cannot be decoded or is too long', async () => {
    for (const path of ['/files/%', '/files/%ff', `/files/${'x'.repeat(1000)}`]) {
      const { status, body } = await call(service.url + path);
      assert.equal(status, 400, path);
      assert.equal(body.code, 'invalid_request');
    }
  });

  test('a body that is no JSON, empty, of another type, of another shape, or too large', async () => {
    const broken = await post('{"username": "secret-canary', json);
    assert.deepEqual([broken.status, broken.body.code], [400, 'invalid_request']);
    assert.ok(!broken.text.includes('secret-canary'));
    assert.equal((await post('', json)).status, 400);
    assert.equal((await post('[]', json)).status, 400);
    assert.equal((await post('null', json)).status, 400);
    assert.equal((await post('{"__proto__":{"username":"x"},"password":"y"}', json)).status, 400);
    assert.equal((await post('<login/>', { 'content-type': 'text/xml' })).body.code, 'unsupported_media_type');
    const missing = await call(login, { method: 'POST' });
    assert.match(missing.body.detail, /body is missing.*application\/json/);
    const large = await post(JSON.stringify({ username: 'x'.repeat(2_000_000) }), json);
    assert.deepEqual([large.status, large.body.code], [413, 'payload_too_large']);
  });

  test('a body that is not UTF-8, or packed', async () => {
    const latin = await call(login, {
      method: 'POST',
      headers: json,
      body: Buffer.from('{"username":"Zo\xeb"}', 'latin1'),
    });
    assert.equal(latin.status, 400);
    assert.match(latin.body.detail, /UTF-8/);
    const packed = await post('{}', { ...json, 'content-encoding': 'gzip' });
    assert.deepEqual([packed.status, packed.body.code], [415, 'unsupported_media_type']);
    assert.equal(packed.headers.get('accept-encoding'), 'identity');
  });

  test('a field that must be one of some, with all of them', async () => {
    const person = await newPerson(service.url);
    const { status, body } = await person.get('/files?owner=nobody');
    assert.equal(status, 400);
    assert.match(body.detail, /owner.*"me" or "all"/);
  });

  test('a field that is missing or wrong, named', async () => {
    const { status, body } = await sendJson(login, 'POST', { username: 'asha' });
    assert.equal(status, 400);
    assert.match(body.detail, /password/);
  });

  test('a form that is none, has no boundary, or ends early', async () => {
    const person = await newPerson(service.url);
    const whole = rawForm([{ disposition: 'form-data; name="file"; filename="x.csv"', data: 'a,b\n1,2\n' }]);
    const sent = [
      { headers: { 'content-type': 'multipart/form-data' }, body: whole },
      { headers: { 'content-type': RAW_FORM }, body: whole.subarray(0, whole.length - 60) },
      { headers: { 'content-type': RAW_FORM }, body: Buffer.from('no form at all') },
      { headers: { 'content-type': RAW_FORM }, body: Buffer.alloc(0) },
    ];
    for (const { headers, body } of sent) {
      const answer = await sendRaw(`${service.url}/v1/files`, { headers: { ...headers, ...person.headers }, body });
      assert.deepEqual([answer!.status, answer!.body.code], [400, 'invalid_request']);
    }
    const asJson = await person.post('/files', {});
    assert.deepEqual([asJson.status, asJson.body.code], [415, 'unsupported_media_type']);
    const asForm = await call(`${service.url}/v1/auth/login`, { method: 'POST', body: new FormData() });
    assert.deepEqual([asForm.status, asForm.body.code], [415, 'unsupported_media_type']);
    assert.match(asForm.body.detail, /send application\/json/);
    const bare = await call(`${service.url}/v1/files`, {
      method: 'POST',
      headers: { ...person.headers, 'content-type': 'text/csv' },
      body: 'a,b\n',
    });
    assert.equal(bare.status, 415);
    assert.match(bare.body.detail, /send multipart\/form-data/);
    assert.equal((await person.get('/files')).body.total, 0);
  });

  const raw: [what: string, bytes: string, status: number][] = [
    ['what is no HTTP', 'GARBAGE\r\n\r\n', 400],
    ['a header without a colon', 'GET / HTTP/1.1\r\nHost: x\r\nbroken\r\n\r\n', 400],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx', 400],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx',
      400,
    ],
    ['headers of 20,000 characters', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
  ];
  for (const [what, bytes, status] of raw) {
    test(`${what}, before there is a request`, async () => {
      const answer = await sendBytes(bytes);
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
      assert.match(answer, /content-type: application\/problem\+json/i);
      const body = JSON.parse(answer.split('\r\n\r\n')[1]!);
      assert.equal(body.status, status);
      assert.match(body.code, /^[a-z_]+$/);
      assert.ok(body.detail.length > 10);
    });
  }
});

async function sendBytes(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  socket.write(bytes);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return answer;
}
