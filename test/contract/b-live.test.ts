import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { peopleCsv } from '../../bench/lib/people.ts';
import { call, eventually, newAdmin, newPerson, type Person } from '../helpers/client.ts';
import { followAsBrowser, followWithHeader, handshake, type Message, readEventStream } from '../helpers/live.ts';
import { createMovingClock } from '../helpers/moving-clock.ts';
import { startService } from '../helpers/service.ts';

const clock = createMovingClock();
const service = await startService(clock.env);
after(() => service.stop());
const admin = await newAdmin(service);

const CSV = 'name,age\nAsha,31\n';
const NOBODY = '00000000-0000-4000-8000-000000000000';
const MEGABYTE = 1_000_000;

const isOver = (status: string) => status === 'ready' || status === 'failed';
const rises = (numbers: number[]) => numbers.every((number, i) => i === 0 || number >= numbers[i - 1]!);
const progressOf = (messages: Message[]) =>
  messages.filter(({ type }) => type === 'progress_update').map(({ data }) => data.progress as number);

async function ticketFor(person: Person, fileId: string): Promise<string> {
  const { status, body } = await person.post('/tickets', { file_id: fileId });
  assert.equal(status, 201);
  return body.ticket;
}

test('progress never goes back, polled, on a socket and in a stream, while 20 MB are parsed', async () => {
  const person = await newPerson(`${service.url}/v1`);
  const { body: sent } = await person.upload('large.csv', [...peopleCsv({ bytes: 20 * MEGABYTE })].join(''));
  const file = `/files/${sent.file_id}`;
  const follower = await followWithHeader(person, `/ws/${sent.file_id}`);
  const stream = fetch(`${person.base}${file}/events`, { headers: { ...person.headers, accept: 'text/event-stream' } });
  const polled: number[] = [];
  const statuses = new Set<string>();
  await eventually(
    'it is ready',
    async () => {
      const { body } = await person.get(`${file}/progress`);
      assert.deepEqual([body.file_id, Number.isInteger(body.progress)], [sent.file_id, true]);
      polled.push(body.progress);
      statuses.add(body.status);
      return isOver(body.status);
    },
    120,
  );
  const streamed = (await readEventStream(await stream)).map(({ data }) => data.progress as number);
  await eventually('the socket has told it', () => follower.messages.some(({ data }) => isOver(data.status)));
  follower.close();
  for (const told of [polled, streamed, progressOf(follower.messages)]) {
    assert.ok(rises(told), told.join());
    assert.ok(new Set(told).size > 5, `several steps: ${told.join()}`);
    assert.ok(told.every((progress) => progress >= 0 && progress <= 100));
    assert.equal(told.at(-1), 100);
  }
  assert.deepEqual([...statuses], ['processing', 'ready']);
});

for (const version of ['', '/v1']) {
  const base = service.url + version;

  describe(`WS ${version}/ws/{file_id}`, () => {
    test('tells the state first, as a progress_update and a status_update', async () => {
      const person = await newPerson(base);
      const { body: file } = await person.parsed('a.csv', CSV);
      const follower = await followWithHeader(person, `/ws/${file.file_id}`);
      await eventually('the state is told', () => follower.messages.length === 2);
      follower.close();
      const [progress, status] = follower.messages;
      assert.equal(progress.type, 'progress_update');
      assert.equal(progress.data.progress, 100);
      assert.equal(progress.data.status, 'ready');
      assert.equal(status.type, 'status_update');
      assert.equal(status.data.status, 'ready');
    });

    test('tells of a file that is being parsed until it is ready, each event once', async () => {
      const person = await newPerson(base);
      const { body: sent } = await person.upload('live.csv', [...peopleCsv({ rows: 5000 })].join(''));
      const follower = await followWithHeader(person, `/ws/${sent.file_id}`);
      await eventually('it is ready', () =>
        follower.messages.some(({ type, data }) => type === 'status_update' && data.status === 'ready'),
      );
      follower.close();
      assert.ok(rises(progressOf(follower.messages)));
      const told = follower.messages.map(({ type, event_id: id }) => `${type} ${id}`);
      assert.equal(new Set(told).size, told.length);
    });

    test('asked for without a handshake answers 426, to who may read the file', async () => {
      const person = await newPerson(base);
      const { body: file } = await person.parsed('a.csv', CSV);
      const { status, body, headers } = await person.get(`/ws/${file.file_id}`);
      assert.deepEqual([status, body.code, headers.get('upgrade')], [426, 'upgrade_required', 'websocket']);
      assert.equal((await call(`${base}/ws/${file.file_id}`)).status, 401);
      assert.equal((await (await newPerson(base)).get(`/ws/${file.file_id}`)).status, 404);
    });

    test('answers {type:"ping"} with {type:"pong"}, and is not disturbed by what is no message', async () => {
      const person = await newPerson(base);
      const { body: file } = await person.parsed('a.csv', CSV);
      const follower = await followWithHeader(person, `/ws/${file.file_id}`);
      for (const noise of ['no json', '[]', 'null', '{"type":"shutdown"}', '{"__proto__":1}', '']) follower.send(noise);
      follower.send({ type: 'ping' });
      await eventually('the pong', () => follower.messages.some(({ type }) => type === 'pong'));
      follower.close();
      assert.deepEqual(follower.messages.at(-1), { type: 'pong' });
      assert.equal(follower.messages.filter(({ type }) => type === 'pong').length, 1);
    });

    test('drops a connection that sends too much, and goes on for others', async () => {
      const person = await newPerson(base);
      const { body: file } = await person.parsed('a.csv', CSV);
      const follower = await followWithHeader(person, `/ws/${file.file_id}`);
      follower.send('x'.repeat(100_000));
      assert.ok((await follower.closed) > 1000);
      assert.equal((await person.get('/users/me')).status, 200);
    });

    test('answers 401 and opens no socket without a token, with a wrong one, and with an access token in the query', async () => {
      const person = await newPerson(base);
      const { body: file } = await person.parsed('a.csv', CSV);
      const url = `${base}/ws/${file.file_id}`;
      const refused = [
        await handshake(url),
        await handshake(url, { authorization: 'Bearer nonsense' }),
        await handshake(`${url}?token=${person.accessToken}`),
        await handshake(`${url}?access_token=${person.accessToken}`),
        await handshake(`${url}?ticket=${person.accessToken.slice(0, 200)}`),
      ];
      for (const { status, challenge } of refused) {
        assert.equal(status, 401);
        assert.match(challenge ?? '', /^Bearer/);
      }
    });

    test("answers 404 and opens no socket for another user's file, and for none", async () => {
      const [owner, other] = [await newPerson(base), await newPerson(base)];
      const { body: file } = await owner.parsed('a.csv', CSV);
      for (const fileId of [file.file_id, NOBODY, 'x']) {
        assert.equal((await handshake(`${base}/ws/${fileId}`, other.headers)).status, 404);
      }
      assert.equal((await other.post('/tickets', { file_id: file.file_id })).status, 404);
    });

    test('ends when who follows is made inactive', async () => {
      const person = await newPerson(base);
      const { body: sent } = await person.upload('live.csv', [...peopleCsv({ rows: 30_000 })].join(''));
      const follower = await followWithHeader(person, `/ws/${sent.file_id}`);
      assert.equal((await admin.patch(`/users/${person.userId}`, { active: false })).status, 200);
      assert.equal(await follower.closed, 1008);
      assert.ok(follower.messages.every(({ data }) => data.status !== 'ready'));
      await admin.delete(`/files/${sent.file_id}`);
    });

    test('tells of the end of a file that is deleted', async () => {
      const person = await newPerson(base);
      const { body: sent } = await person.upload('live.csv', [...peopleCsv({ rows: 20_000 })].join(''));
      const follower = await followWithHeader(person, `/ws/${sent.file_id}`);
      await person.delete(`/files/${sent.file_id}`);
      assert.equal(await follower.closed, 1008);
    });
  });

  describe(`POST ${version}/tickets`, () => {
    test("opens a browser's WebSocket, which can send no header", async () => {
      const person = await newPerson(base);
      const { body: file } = await person.parsed('a.csv', CSV);
      const ticket = await ticketFor(person, file.file_id);
      const follower = await followAsBrowser(`${base}/ws/${file.file_id}?ticket=${ticket}`);
      await eventually('the state is told', () => follower.messages.length > 0);
      follower.close();
      assert.equal(follower.messages[0].data.status, 'ready');
    });

    test('is good once, for its file alone, and for a minute', async () => {
      const person = await newPerson(base);
      const { body: file } = await person.parsed('a.csv', CSV);
      const { body: other } = await person.parsed('b.csv', CSV);
      const at = (fileId: string, ticket: string) => handshake(`${base}/ws/${fileId}?ticket=${ticket}`);

      const once = await ticketFor(person, file.file_id);
      assert.equal((await at(file.file_id, once)).status, 101);
      assert.equal((await at(file.file_id, once)).status, 401);

      const elsewhere = await ticketFor(person, file.file_id);
      assert.equal((await at(other.file_id, elsewhere)).status, 401);

      const late = await ticketFor(person, file.file_id);
      clock.advance(61);
      assert.equal((await at(file.file_id, late)).status, 401);
    });

    test('used by many at the same time lets one in', async () => {
      const person = await newPerson(base);
      const { body: file } = await person.parsed('a.csv', CSV);
      const ticket = await ticketFor(person, file.file_id);
      const url = `${base}/ws/${file.file_id}?ticket=${ticket}`;
      const statuses = (await Promise.all(Array.from({ length: 10 }, () => handshake(url)))).map(
        ({ status }) => status,
      );
      assert.deepEqual(statuses.sort(), [101, ...Array(9).fill(401)]);
    });

    test('is no bearer token, nor good for anything but following', async () => {
      const person = await newPerson(base);
      const { body: file } = await person.parsed('a.csv', CSV);
      const ticket = await ticketFor(person, file.file_id);
      assert.equal((await call(`${base}/users/me`, { headers: { authorization: `Bearer ${ticket}` } })).status, 401);
      assert.equal((await call(`${base}/files/${file.file_id}?ticket=${ticket}`)).status, 401);
      assert.equal((await call(`${base}/files/${file.file_id}/download?ticket=${ticket}`)).status, 401);
    });
  });

  describe(`GET ${version}/files/{file_id}/events`, () => {
    const stream = (person: Person, fileId: string, headers: Record<string, string> = {}) =>
      fetch(`${base}/files/${fileId}/events`, {
        headers: { ...person.headers, accept: 'text/event-stream', ...headers },
      });

    test('is a stream that ends when the file is ready', async () => {
      const person = await newPerson(base);
      const { body: sent } = await person.upload('a.csv', CSV);
      const response = await stream(person, sent.file_id);
      assert.equal(response.status, 200);
      assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
      const events = await readEventStream(response);
      assert.ok(events.every(({ id, event }) => Number(id) > 0 && /^(status|progress)_update$/.test(event)));
      assert.equal(events.at(-1)!.data.status, 'ready');
      assert.equal(events.at(-1)!.data.progress, 100);
    });

    test('goes on from Last-Event-ID, and answers 204 when nothing will follow', async () => {
      const person = await newPerson(base);
      const { body: file } = await person.parsed('a.csv', CSV);
      const all = await readEventStream(await stream(person, file.file_id));
      assert.ok(all.length >= 2);
      for (const [i, { id }] of all.slice(0, -1).entries()) {
        const rest = await readEventStream(await stream(person, file.file_id, { 'last-event-id': id }));
        assert.deepEqual(rest, all.slice(i + 1));
      }
      const done = await stream(person, file.file_id, { 'last-event-id': all.at(-1)!.id });
      assert.equal(done.status, 204);
    });

    test('goes on past an earlier failure of a file that was parsed again', async () => {
      const person = await newPerson(base);
      const { body: file } = await person.parsed('broken.json', '{');
      assert.equal((await person.post(`/files/${file.file_id}/parse`)).status, 202);
      const events = await readEventStream(await stream(person, file.file_id));
      assert.equal(events.filter(({ data }) => data.status === 'failed').length, 2);
      assert.equal(events.at(-1)!.data.status, 'failed');
    });

    test("takes a ticket, for a browser's EventSource", async () => {
      const person = await newPerson(base);
      const { body: file } = await person.parsed('a.csv', CSV);
      const ticket = await ticketFor(person, file.file_id);
      const url = `${base}/files/${file.file_id}/events?ticket=${ticket}`;
      const events = await readEventStream(await fetch(url, { headers: { accept: 'text/event-stream' } }));
      assert.equal(events.at(-1)!.data.status, 'ready');
    });

    test('without Accept: text/event-stream is a page after a cursor', async () => {
      const person = await newPerson(base);
      const { body: file } = await person.parsed('a.csv', CSV);
      const first = await person.get(`/files/${file.file_id}/events?limit=1`);
      assert.equal(first.body.items.length, 1);
      const rest = await person.get(`/files/${file.file_id}/events?after=${first.body.next}`);
      assert.ok(rest.body.items.every((event: Message) => event.event_id > first.body.next));
      assert.equal(rest.body.items.at(-1).data.status, 'ready');
    });
  });

  test(`GET ${version}/events goes on from a cursor over all files of the caller, each event once`, async () => {
    const person = await newPerson(base);
    const files = [];
    for (const name of ['a.csv', 'b.csv', 'c.csv']) files.push((await person.parsed(name, CSV)).body.file_id);
    const seen: Message[] = [];
    for (let cursor = 0; ; ) {
      const { body } = await person.get(`/events?after=${cursor}&limit=2`);
      seen.push(...body.items);
      if (body.items.length === 0) {
        assert.equal(body.next, cursor);
        break;
      }
      cursor = body.next;
    }
    const ids = seen.map(({ event_id: id }) => id as number);
    assert.ok(rises(ids) && new Set(ids).size === ids.length);
    assert.deepEqual([...new Set(seen.map(({ file_id: id }) => id))].sort(), [...files].sort());
    assert.equal(seen.filter(({ data }) => data.status === 'ready').length, 3);
  });
}
