import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type Answer, call, logIn, newPerson, sendJson } from '../helpers/client.ts';
import { createMovingClock } from '../helpers/moving-clock.ts';
import { startService } from '../helpers/service.ts';
import { CAST, OPERATIONS, type Operation, PUBLIC, REVEALS, type Role } from './access-matrix/operations.ts';
import { setStage, type Things } from './access-matrix/things.ts';

/** Every operation of the OpenAPI document by everybody who could ask for it: the right status, and nothing leaks. */
const clock = createMovingClock();
const service = await startService(clock.env);
after(() => service.stop());

interface Route {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly open: boolean;
  /** Sent as a form and not as JSON. */
  readonly urlEncoded: boolean;
}

const expired = await newPerson(service.url, 'expired');
clock.advance(31 * 60);
const stage = await setStage(service);
const things = await stage.newThings();
const routes = await readRoutes();

async function readRoutes(): Promise<Route[]> {
  const { body } = await call(`${service.url}/openapi.json`);
  type Described = { operationId: string; security?: unknown[]; requestBody?: { content: Record<string, unknown> } };
  const paths = Object.entries(body.paths as Record<string, Record<string, Described>>);
  return paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, security, requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      operationId,
      open: security?.length === 0,
      urlEncoded: Object.keys(requestBody?.content ?? {}).includes('application/x-www-form-urlencoded'),
    })),
  );
}

async function ask(
  route: Route,
  operation: Operation,
  about: Things,
  headers: Record<string, string>,
): Promise<Pick<Answer, 'status' | 'text'>> {
  const parameters = operation.path?.(about) ?? {};
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''));
  const url = new URL(service.url + path);
  for (const [name, value] of Object.entries(operation.query?.(about) ?? {})) url.searchParams.set(name, value);
  const body = operation.body?.(about);
  if (operation.file) {
    const form = new FormData();
    form.append(operation.file, new Blob(['a,b\n1,2\n']), 'mine.csv');
    return call(String(url), { method: route.method, headers, body: form });
  }
  if (body === undefined) return call(String(url), { method: route.method, headers });
  if (route.urlEncoded) {
    // OAuth 2.0 has its own shape of an error.
    const form = new URLSearchParams(body as Record<string, string>);
    const answer = await fetch(url, { method: route.method, headers, body: form });
    return { status: answer.status, text: await answer.text() };
  }
  return sendJson(String(url), route.method, body, headers);
}

test('the table knows every operation of the OpenAPI document, and none besides', () => {
  const known = [...Object.keys(OPERATIONS), ...PUBLIC].sort();
  assert.deepEqual(routes.map(({ operationId }) => operationId).sort(), known);
  assert.deepEqual(
    routes
      .filter(({ open }) => open)
      .map(({ operationId }) => operationId)
      .sort(),
    [...PUBLIC].sort(),
  );
});

describe('without a good token, 401', async () => {
  const revoked = await stage.standIn('reader');
  const { body: clients } = await stage.operator.get('/clients?limit=1');
  await stage.operator.delete(`/clients/${clients.items[0].client_id}`);
  const over = await logIn(stage.base, stage.owner.username);
  await over.post('/auth/logout');
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const TOKENS: [what: string, headers: Record<string, string>][] = [
    ['no token', {}],
    ['an expired one', expired.headers],
    ['a refresh token', bearer(stage.owner.refreshToken)],
    ['one of a session that was ended', over.headers],
    ['one of a client that was revoked', revoked.headers],
    ['nonsense', bearer('nonsense')],
    ['another scheme', { authorization: `Basic ${Buffer.from('operator:x').toString('base64')}` }],
  ];
  for (const route of routes.filter(({ open }) => !open)) {
    test(`${route.method} ${route.path}`, async () => {
      for (const [what, headers] of TOKENS) {
        const { status, text } = await ask(route, OPERATIONS[route.operationId]!, things, headers);
        assert.equal(status, 401, `${what}: ${text}`);
        assertTellsNothing(text, what);
      }
    });
  }
});

describe('with a token, by who it is', () => {
  for (const [operations, how] of [
    [OPERATIONS, ''],
    [REVEALS, ' plain'],
  ] as const) {
    for (const route of routes.filter(({ operationId }) => operationId in operations)) {
      test(`${route.method} ${route.path}${how}`, async () => {
        const operation = operations[route.operationId]!;
        for (const role of CAST) await assertVerdict(route, operation, role);
      });
    }
  }
});

async function assertVerdict(route: Route, operation: Operation, role: Role): Promise<void> {
  const { spends } = operation;
  // Whoever runs the service is an administrator like any other when it comes to their own account.
  const caller = spends === 'caller' ? await stage.standIn(role === 'operator' ? 'admin' : role) : stage.cast[role];
  const about = spends === 'things' ? await stage.newThings() : things;
  const { status, text } = await ask(route, operation, about, caller.headers);
  const verdict = operation.verdict[role];
  const asWanted = verdict === 2 ? status >= 200 && status < 300 : status === verdict;
  assert.ok(
    asWanted,
    `${role} was answered ${status}, not ${verdict === 2 ? 'a success' : verdict}: ${text.slice(0, 300)}`,
  );
  if (role === 'stranger') assertTellsNothing(text, role);
  if (['viewer', 'other'].includes(role) && !route.path.startsWith('/audit')) assertTellsNoFile(text, role);
}

function assertTellsNothing(text: string, who: string): void {
  assertTellsNoFile(text, who);
  for (const name of [stage.owner.username, 'matrix client', 'matrix@example.org']) {
    assert.ok(!text.includes(name), `${who} is told ${name}: ${text.slice(0, 300)}`);
  }
}

function assertTellsNoFile(answer: string, who: string): void {
  // The path that was asked for is theirs.
  const text = answer.replace(/"instance":"[^"]*"/, '');
  // Four digits alone stand in any hash by chance; so the mask is looked for in whole.
  const mask = `XXXX-XXXX-${things.sealedValue.slice(-4)}`;
  for (const secret of ['matrix-secret', things.sealedValue, mask]) {
    assert.ok(!text.includes(secret), `${who} is told of the file: ${text.slice(0, 300)}`);
  }
}
