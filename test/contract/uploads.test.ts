import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { type Answer, eventually, newPerson, type Person } from '../helpers/client.ts';
import { keepAlive, RAW_FORM, type RawPart, type RawRequest, rawForm, sendRaw } from '../helpers/raw-http.ts';
import { startService } from '../helpers/service.ts';
import { storedBlobs } from '../helpers/stored.ts';

const MAX_FILE_SIZE = 100_000;
const service = await startService();
const small = await startService({ MAX_FILE_SIZE: String(MAX_FILE_SIZE) });
after(() => Promise.all([service.stop(), small.stop()]));
const base = `${service.url}/v1`;

const CSV = 'name,age\nAsha,31\n';
const filePart = (data: string | Uint8Array, filename = 'x.csv'): RawPart => ({
  disposition: `form-data; name="file"; filename="${filename}"`,
  data,
});

function sendForm(person: Person, parts: readonly RawPart[], more: RawRequest = {}): Promise<Answer | null> {
  const headers = { ...person.headers, 'content-type': RAW_FORM, ...more.headers };
  return sendRaw(`${person.base}/files`, { ...more, headers, body: rawForm(parts) });
}

describe('Idempotency-Key', () => {
  const withKey = (key: string) => ({ headers: { 'idempotency-key': key } });

  test('the same request again gives the same file, and says so', async () => {
    const person = await newPerson(base);
    const first = await person.upload('a.csv', CSV, withKey('one'));
    const again = await person.upload('a.csv', CSV, withKey('one'));
    assert.equal(first.headers.get('idempotency-replayed'), null);
    assert.equal(again.headers.get('idempotency-replayed'), 'true');
    assert.equal(again.body.file_id, first.body.file_id);
    assert.equal((await person.get('/files')).body.total, 1);
  });

  test('the same request again gives the same file when its long name is cut between the halves of a character', async () => {
    const person = await newPerson(base);
    for (const length of [248, 249, 250, 251]) {
      const name = `${'a'.repeat(length)}😀😀😀.csv`;
      const first = await person.upload(name, CSV, withKey(`long-${length}`));
      const again = await person.upload(name, CSV, withKey(`long-${length}`));
      assert.deepEqual([first.status, again.status, again.body.file_id], [202, 202, first.body.file_id], again.text);
      const { filename } = (await person.get(`/files/${first.body.file_id}`)).body;
      assert.deepEqual([filename, filename.isWellFormed()], [first.body.filename, true]);
    }
  });

  test('another content or another name under the same key answers 422', async () => {
    const person = await newPerson(base);
    await person.upload('a.csv', CSV, withKey('one'));
    for (const [name, content] of [
      ['a.csv', `${CSV}Ravi,7\n`],
      ['b.csv', CSV],
    ] as const) {
      const { status, body } = await person.upload(name, content, withKey('one'));
      assert.deepEqual([status, body.code], [422, 'idempotency_mismatch']);
    }
    assert.equal((await person.get('/files')).body.total, 1);
  });

  test('ten at the same time make one file: the others answer 409 or give the same', async () => {
    const person = await newPerson(base);
    const answers = await Promise.all(Array.from({ length: 10 }, () => person.upload('a.csv', CSV, withKey('race'))));
    const taken = answers.filter(({ status }) => status === 202 || status === 200);
    const refused = answers.filter(({ status }) => status === 409);
    assert.equal(taken.length + refused.length, 10);
    assert.equal(new Set(taken.map(({ body }) => body.file_id)).size, 1);
    assert.ok(refused.every(({ body }) => body.code === 'idempotency_in_progress'));
    assert.equal((await person.get('/files')).body.total, 1);
  });

  test("is a user's own", async () => {
    const [one, other] = [await newPerson(base), await newPerson(base)];
    const first = await one.upload('a.csv', CSV, withKey('shared'));
    const second = await other.upload('a.csv', CSV, withKey('shared'));
    assert.notEqual(second.body.file_id, first.body.file_id);
  });

  test('is free again after a request that was refused', async () => {
    const person = await newPerson(base);
    assert.equal((await person.upload('a.exe', CSV, withKey('again'))).status, 415);
    assert.equal((await person.upload('a.csv', CSV, withKey('again'))).status, 202);
  });

  test('is free again after a connection that was dropped', async () => {
    const person = await newPerson(base);
    await sendForm(person, [filePart(randomBytes(200_000))], { ...withKey('dropped'), dropAfter: 100_000 });
    await eventually(
      'the key is free',
      async () => (await person.upload('a.csv', CSV, withKey('dropped'))).status === 202,
    );
  });

  test('must be visible ASCII of at most 255 characters', async () => {
    const person = await newPerson(base);
    for (const key of ['', 'a b', 'x'.repeat(256), 'é']) {
      const { status } = await person.upload('a.csv', CSV, withKey(key));
      assert.equal(status, 400, key);
    }
  });
});

test('a hundred uploads that are dropped at random points leave nothing: no blob, nothing staged, no file', async (t) => {
  // A service of its own: what the tests above have sent may still be parsed, and be stored meanwhile.
  const quiet = await startService();
  t.after(() => quiet.stop());
  const person = await newPerson(quiet.url);
  const content = randomBytes(400_000);
  const whole = rawForm([filePart(content)]).length;
  for (let i = 0; i < 100; i += 10) {
    const dropped = Array.from({ length: 10 }, () =>
      sendForm(person, [filePart(content)], { dropAfter: randomInt(1, whole), chunked: randomInt(2) === 0 }),
    );
    await Promise.all(dropped);
  }
  await eventually('nothing is left', () => storedBlobs(quiet.dataDir).length === 0);
  assert.equal((await person.get('/files')).body.total, 0);
  assert.equal((await person.upload('after.csv', CSV)).status, 202);
});

describe('a file larger than MAX_FILE_SIZE', () => {
  const refusedAs = (answer: Answer | null) =>
    assert.deepEqual([answer?.status, answer?.body.code], [413, 'file_too_large']);

  test('answers 413, with a Content-Length and without, and leaves nothing', async () => {
    const person = await newPerson(small.url);
    for (const size of [MAX_FILE_SIZE + 1, 20 * MAX_FILE_SIZE]) {
      for (const chunked of [false, true]) {
        refusedAs(await sendForm(person, [filePart('x'.repeat(size))], { chunked }));
        refusedAs(
          await sendForm(person, [filePart('x'.repeat(size))], { chunked, headers: { 'idempotency-key': 'k' } }),
        );
      }
      refusedAs(await person.upload('x.csv', 'x'.repeat(size)));
    }
    assert.deepEqual(storedBlobs(small.dataDir), []);
    assert.equal((await person.get('/files')).body.total, 0);
  });

  test('is measured by its bytes, to the last', async () => {
    const person = await newPerson(small.url);
    const name = 'n\n';
    const { status, body } = await person.upload('exact.csv', name + '7'.repeat(MAX_FILE_SIZE - name.length));
    assert.equal(status, 202);
    assert.equal(body.size, MAX_FILE_SIZE);
  });
});

test('an ending that is not supported answers 415, says which are, and leaves nothing', async () => {
  const person = await newPerson(base);
  const before = storedBlobs(service.dataDir);
  for (const name of ['x.exe', 'x', 'csv', 'x.tar.gz', 'x.xlsx.']) {
    const { status, body } = await person.upload(name, 'x'.repeat(500_000));
    assert.deepEqual([status, body.code], [415, 'unsupported_format'], name);
    assert.match(body.detail, /\.csv/);
  }
  assert.ok(!storedBlobs(service.dataDir).some((path) => !before.includes(path) && /receiving|staging/.test(path)));
});

test('a connection whose upload was refused goes on with its next request', async () => {
  const person = await newPerson(small.url);
  const large = Buffer.alloc(3_000_000, 'x');
  const token = person.headers;
  const form = { ...token, 'content-type': RAW_FORM };
  const refused: [headers: Record<string, string>, parts: RawPart[]][] = [
    [form, [filePart(large)]],
    [form, [filePart(large, 'x.exe')]],
    [form, [filePart(CSV), filePart(large)]],
    [form, [{ disposition: 'form-data; name="other"; filename="x.csv"', data: large }]],
    [{ ...form, 'idempotency-key': 'a b' }, [filePart(large)]],
    [{ 'content-type': RAW_FORM }, [filePart(large)]],
    [{ ...token, 'content-type': 'application/json' }, [filePart(large)]],
    [{ ...token, 'content-type': 'text/csv' }, [filePart(large)]],
  ];
  for (const [headers, parts] of refused) {
    using connection = keepAlive();
    const first = await sendRaw(`${small.url}/files`, { headers, body: rawForm(parts), agent: connection.agent });
    assert.ok(first!.status >= 400 && first!.status < 500, first!.text);
    const next = await sendRaw(`${small.url}/users/me`, { method: 'GET', headers: token, agent: connection.agent });
    assert.equal(next!.status, 200);
  }
});

describe('a form without exactly one file in the field "file" answers 400 and leaves nothing', () => {
  const field: RawPart = { disposition: 'form-data; name="seal"', data: 'name' };
  const forms: [what: string, parts: RawPart[]][] = [
    ['no part at all', []],
    ['options and no file', [field]],
    ['two files', [filePart(CSV), filePart(CSV, 'y.csv')]],
    ['two large files', [filePart('x'.repeat(300_000)), filePart('y'.repeat(300_000), 'y.csv')]],
    ['another field', [{ disposition: 'form-data; name="upload"; filename="x.csv"', data: CSV }]],
    ['a field without a name', [{ disposition: 'form-data; filename="x.csv"', data: CSV }]],
    ['the file as a text field', [{ disposition: 'form-data; name="file"', data: CSV }]],
    ['a field called __proto__', [{ disposition: 'form-data; name="__proto__"', data: 'x' }, filePart(CSV)]],
    ['an option that is wrong', [filePart(CSV), { disposition: 'form-data; name="ragged"', data: 'maybe' }]],
    [
      'an option that is given twice',
      [
        field,
        { disposition: 'form-data; name="header"', data: 'present' },
        { disposition: 'form-data; name="header"', data: 'absent' },
        filePart(CSV),
      ],
    ],
    ['an option above 64 KiB', [{ disposition: 'form-data; name="seal"', data: 'a,'.repeat(40_000) }, filePart(CSV)]],
  ];
  for (const [what, parts] of forms) {
    test(what, async () => {
      const person = await newPerson(small.url);
      const before = storedBlobs(small.dataDir);
      const answer = await sendForm(person, parts);
      assert.ok([400, 413].includes(answer!.status), answer!.text);
      assert.equal((await person.get('/files')).body.total, 0);
      assert.deepEqual(storedBlobs(small.dataDir), before);
    });
  }
});
