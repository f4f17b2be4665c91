import assert from 'node:assert/strict';

/** An answer whose body has been read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body where it is JSON, otherwise its text. */
  // biome-ignore lint/suspicious/noExplicitAny: it is whatever the service answers, which the tests look into.
  readonly body: any;
  readonly text: string;
}

/** Someone with an account who is logged in. `path`s are under the `base` they registered at. */
export interface Person {
  readonly base: string;
  readonly username: string;
  readonly password: string;
  readonly userId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly headers: { readonly authorization: string };
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  patch(path: string, body: unknown): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  /** `POST /files` with the content in the field `file`, and `fields` before it. */
  upload(filename: string, content: string | Uint8Array, more?: UploadMore): Promise<Answer>;
  /** Uploads and waits until the file is ready or has failed; the file as `GET /files/{file_id}` tells it. */
  parsed(filename: string, content: string | Uint8Array, more?: UploadMore): Promise<Answer>;
}

/** What is sent besides the file. */
export interface UploadMore {
  readonly headers?: Record<string, string>;
  readonly fields?: Record<string, string>;
}

const PASSWORD = 'correct horse battery staple';
let people = 0;

/**
 * Sends a request and holds its answer to what every answer must keep: no password hash in it; an error is
 * `application/problem+json` with status, title, a stable code and a detail; a 401 has `WWW-Authenticate: Bearer`.
 */
export async function call(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  const json = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  const answer = {
    status: response.status,
    headers: response.headers,
    body: json && text ? JSON.parse(text) : text,
    text,
  };
  assertKeepsContract(answer, `${init.method ?? 'GET'} ${new URL(url).pathname}`);
  return answer;
}

/** What `call` holds every answer to, for answers that came another way. */
export function assertKeepsContract({ status, headers, body, text }: Answer, asked: string): void {
  assert.doesNotMatch(text, /\$2[abxy]\$\d\d\$|password_hash/, `${asked} tells a password hash`);
  if (status < 400) return;
  assert.match(
    headers.get('content-type') ?? '',
    /^application\/problem\+json\b/,
    `${asked} answered ${status}: ${text}`,
  );
  assert.equal(body.status, status, asked);
  assert.match(body.code, /^[a-z]+(_[a-z]+)*$/, asked);
  assert.ok(body.title.length > 5 && body.detail.length > 10, `${asked} explains itself: ${text}`);
  if (status === 401) assert.match(headers.get('www-authenticate') ?? '', /^Bearer\b/, asked);
}

/** Registers someone under `base`, such as `http://127.0.0.1:8000/v1`, and logs them in. */
export const newPerson = (base: string, name = 'person'): Promise<Person> => join(base, name, '/auth/register');

/** Makes the first administrator of a service that was just started, and logs them in. */
export const newAdmin = ({ url, setupToken }: { url: string; setupToken: string }, name = 'admin'): Promise<Person> =>
  join(url, name, '/auth/setup', { token: setupToken });

async function join(base: string, name: string, path: string, more: object = {}): Promise<Person> {
  const username = `${name}${++people}`;
  const registration = { username, email: `${username}@example.org`, full_name: name, password: PASSWORD, ...more };
  const registered = await sendJson(base + path, 'POST', registration);
  assert.equal(registered.status, 201, registered.text);
  return logIn(base, username, registered.body.user_id);
}

/** Logs in someone whom `newPerson` registered. */
export async function logIn(base: string, username: string, userId = ''): Promise<Person> {
  const { status, body, text } = await sendJson(`${base}/auth/login`, 'POST', { username, password: PASSWORD });
  assert.equal(status, 200, text);
  const headers = { authorization: `Bearer ${body.access_token}` };
  const person: Person = {
    base,
    username,
    password: PASSWORD,
    userId: userId || (await call(`${base}/users/me`, { headers })).body.user_id,
    accessToken: body.access_token,
    refreshToken: body.refresh_token,
    headers,
    get: (path, more) => call(base + path, { headers: { ...headers, ...more } }),
    post: (path, json = {}) => sendJson(base + path, 'POST', json, headers),
    patch: (path, json) => sendJson(base + path, 'PATCH', json, headers),
    delete: (path) => call(base + path, { method: 'DELETE', headers }),
    upload: (filename, content, more) => upload(`${base}/files`, headers, filename, content, more),
    async parsed(filename, content, more) {
      const sent = await person.upload(filename, content, more);
      assert.equal(sent.status, 202, sent.text);
      return untilOver(person, sent.body.file_id);
    },
  };
  return person;
}

/** Sends `body` as JSON. */
export function sendJson(url: string, method: string, body: unknown, headers: Record<string, string> = {}) {
  return call(url, { method, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

function upload(
  url: string,
  headers: Record<string, string>,
  filename: string,
  content: string | Uint8Array,
  more: UploadMore = {},
): Promise<Answer> {
  const form = new FormData();
  for (const [name, value] of Object.entries(more.fields ?? {})) form.append(name, value);
  form.append('file', new Blob([content as string]), filename);
  return call(url, { method: 'POST', headers: { ...headers, ...more.headers }, body: form });
}

/** Polls until the file is ready or has failed. */
export async function untilOver(person: Person, fileId: string): Promise<Answer> {
  for (;;) {
    const answer = await person.get(`/files/${fileId}`);
    if (answer.status !== 202) return answer;
    await pause(20);
  }
}

/** Asks again until `holds` says yes. @throws AssertionError with `what` after `seconds`. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>, seconds = 20): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await holds())) {
    assert.ok(performance.now() < end, `${what} (not within ${seconds} s)`);
    await pause(20);
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
