import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { inventedAadhaars } from '../helpers/aadhaar.ts';
import { type Answer, call, newAdmin, newPerson, type Person } from '../helpers/client.ts';
import { startService } from '../helpers/service.ts';
import { curl, noCurl } from '../helpers/tools.ts';

const service = await startService({ MAX_FILE_SIZE: String(4 * 1024 * 1024) });
after(() => service.stop());
const admin = await newAdmin(service);

const folder = mkdtempSync(join(tmpdir(), 'intakt-files-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const PEOPLE = 'name,city,age\nAda,London,36\nAlan,,41\n';
const numbers = inventedAadhaars(20);
const SEALED = `name,aadhar_number\n${numbers.map((number, n) => `Person ${n},${number}\n`).join('')}`;

type Part = [field: string, filename: string, content: string | Uint8Array];

function send(
  person: Person,
  path: string,
  parts: readonly (Part | [string, string])[],
  headers = {},
): Promise<Answer> {
  const form = new FormData();
  for (const [field, value, content] of parts) {
    if (content === undefined) form.append(field, value);
    else form.append(field, new Blob([content as string]), value);
  }
  return call(person.base + path, { method: 'POST', headers: { ...person.headers, ...headers }, body: form });
}

for (const version of ['', '/v1']) {
  const base = service.url + version;

  describe(`${version}/upload`, () => {
    let person: Person;
    before(async () => {
      person = await newPerson(base);
    });

    test('answers {filename, size}', async () => {
      const { status, body, headers } = await send(person, '/upload', [['file', 'people.csv', PEOPLE]]);
      assert.equal(status, 200);
      assert.deepEqual([body.filename, body.size], ['people.csv', PEOPLE.length]);
      assert.equal(headers.get('location'), `/v1/files/${body.file_id}`);
    });

    test('/save answers {saved_to}: a path of this API that gives the file', async () => {
      const { status, body } = await send(person, '/upload/save', [['file', 'saved.csv', PEOPLE]]);
      assert.equal(status, 200);
      assert.match(body.saved_to, /^\/v1\/files\/[0-9a-f-]{36}\/download$/);
      assert.ok(!body.saved_to.includes(service.dataDir));
      await send(person, '/upload/csv', [['file', 'after.csv', PEOPLE]]);
      const saved = await call(service.url + body.saved_to, { headers: person.headers });
      assert.equal(saved.text, PEOPLE);
    });

    test('/multiple answers {file_count, …}, one intake for each', async () => {
      const { status, body } = await send(person, '/upload/multiple', [
        ['files', 'one.csv', 'a\n1\n'],
        ['files', 'two.csv', 'b\n2\n'],
        ['files', 'three.json', '[{"c":3}]'],
      ]);
      assert.equal(status, 200);
      assert.equal(body.file_count, 3);
      assert.deepEqual(
        body.files.map(({ filename }: { filename: string }) => filename),
        ['one.csv', 'two.csv', 'three.json'],
      );
      assert.deepEqual(body.refused, []);
      for (const { file_id } of body.files) assert.ok((await person.get(`/files/${file_id}`)).status < 300);
    });

    test('/csv answers {rows: [[…], …]} with the header as the first row', async () => {
      const { status, body } = await send(person, '/upload/csv', [['file', 'people.csv', PEOPLE]]);
      assert.equal(status, 200);
      assert.deepEqual(body.rows, [
        ['name', 'city', 'age'],
        ['Ada', 'London', '36'],
        ['Alan', '', '41'],
      ]);
    });
  });

  describe(`${version}/download/{filename}`, () => {
    let person: Person;
    before(async () => {
      person = await newPerson(base);
      await person.parsed('people.csv', 'name\nOld\n');
      await person.parsed('people.csv', PEOPLE);
    });

    test('gives the original bytes of the caller’s newest file of that name', async () => {
      const { status, text, headers } = await person.get('/download/people.csv');
      assert.equal(status, 200);
      assert.equal(text, PEOPLE);
      assert.equal(
        headers.get('content-disposition'),
        `attachment; filename="people.csv"; filename*=UTF-8''people.csv`,
      );
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
    });

    test('takes a Range', async () => {
      const { status, text, headers } = await person.get('/download/people.csv', { range: 'bytes=5-8' });
      assert.deepEqual([status, text], [206, PEOPLE.slice(5, 9)]);
      assert.equal(headers.get('content-range'), `bytes 5-8/${PEOPLE.length}`);
      assert.equal((await person.get('/download/people.csv', { range: 'bytes=900-' })).status, 416);
    });

    test('answers 404 for a name that only another user has, and for a way out of the folder', async () => {
      const other = await newPerson(base);
      for (const [who, name] of [
        [other, 'people.csv'],
        [person, 'nothing.csv'],
        [person, '..%2f..%2ffiles.db'],
        [person, '%2Fetc%2Fpasswd'],
        [person, 'people.csv%00'.replace('people', 'pupil')],
      ] as const) {
        const { status, body } = await who.get(`/download/${name}`);
        assert.deepEqual([status, body.code], [404, 'file_not_found'], name);
      }
    });

    test('finds a name in any script, with spaces and signs, and of the greatest length', async () => {
      for (const name of ["früh stück's 100% (朝食); a=b&c#1.csv", `${'長'.repeat(251)}.csv`]) {
        await person.parsed(name, PEOPLE);
        const { status, headers } = await person.get(`/download/${encodeURIComponent(name)}`);
        assert.equal(status, 200, name);
        assert.match(
          headers.get('content-disposition') ?? '',
          /^attachment; filename="[^"\\]*"; filename\*=UTF-8''\S+$/,
        );
      }
    });
  });

  describe(`${version}/export/csv`, () => {
    test('gives the caller’s newest file that is ready, another that is named, and nobody else’s', async () => {
      const person = await newPerson(base);
      const none = await person.get('/export/csv');
      assert.deepEqual([none.status, none.body.code], [404, 'dataset_not_found']);
      const first = (await person.parsed('first.csv', 'x\n1\n')).body;
      await person.parsed('people.csv', PEOPLE);
      await person.parsed('broken.json', '{');
      const newest = await person.get('/export/csv');
      assert.equal(newest.status, 200);
      assert.equal(newest.headers.get('content-type'), 'text/csv; charset=utf-8');
      assert.equal(newest.text, PEOPLE.replaceAll('\n', '\r\n'));
      assert.equal((await person.get(`/export/csv?file_id=${first.file_id}`)).text, 'x\r\n1\r\n');
      assert.equal((await person.get(`/export/csv?dataset_id=${first.dataset_id}`)).text, 'x\r\n1\r\n');
      const refused = await person.get('/export/csv?columns=nothing');
      assert.deepEqual([refused.status, refused.headers.get('content-disposition')], [422, null], 'no file to save');
      const other = await newPerson(base);
      assert.equal((await other.get(`/export/csv?file_id=${first.file_id}`)).status, 404);
      assert.equal((await other.get(`/export/csv?dataset_id=${first.dataset_id}`)).status, 404);
    });
  });

  test(`curl sends and fetches files at ${version || '/'} as the document writes it`, { skip: noCurl }, async () => {
    const person = await newPerson(base);
    const header = ['-H', `Authorization: Bearer ${person.accessToken}`];
    const [one, two] = [join(folder, 'one.csv'), join(folder, 'two.csv')];
    writeFileSync(one, PEOPLE);
    writeFileSync(two, 'b\n2\n');
    const upload = await curl(`${base}/upload`, ...header, '-F', `file=@${one}`);
    assert.deepEqual(JSON.parse(upload.body).filename, 'one.csv');
    const several = await curl(`${base}/upload/multiple`, ...header, '-F', `files=@${one}`, '-F', `files=@${two}`);
    assert.equal(JSON.parse(several.body).file_count, 2);
    const rows = await curl(`${base}/upload/csv`, ...header, '-F', `file=@${two}`);
    assert.deepEqual(JSON.parse(rows.body).rows, [['b'], ['2']]);
    const export_ = await curl(`${base}/export/csv`, ...header);
    assert.equal(export_.body, 'b\r\n2\r\n');
    const download = await curl(`${base}/download/two.csv`, ...header);
    assert.equal(download.body, 'b\n2\n');
  });
}

describe('sealed values', () => {
  let person: Person;
  before(async () => {
    person = await newPerson(service.url);
  });

  test('/upload/csv and /export/csv tell tokens', async () => {
    const { body, text } = await send(person, '/upload/csv', [['file', 'sealed.csv', SEALED]]);
    assert.deepEqual(body.rows[0], ['name', 'aadhar_number']);
    assert.equal(body.rows.length, 21);
    assert.ok(body.rows.slice(1).every(([, token]: [string, string]) => token.startsWith('gAAAAA')));
    const exported = await person.get('/export/csv');
    for (const answer of [text, exported.text]) assert.ok(!numbers.some((number) => answer.includes(number)));
    const masked = await person.get('/export/csv?level=mask');
    assert.match(masked.text, /[*X•x]/);
  });

  test('/download gives the original only to those who may reveal, and the export its plain values', async () => {
    await person.parsed('sealed.csv', SEALED);
    assert.equal((await person.get('/download/sealed.csv')).text, SEALED);
    assert.ok((await person.get('/export/csv?level=plain&reason=test')).text.includes(numbers[0]!));
    await admin.patch(`/users/${person.userId}`, { may_reveal: false });
    for (const path of ['/download/sealed.csv', '/export/csv?level=plain']) {
      const { status, body } = await person.get(path);
      assert.deepEqual([status, body.code], [403, 'reveal_not_allowed'], path);
    }
  });
});

describe('several files in one form', () => {
  let person: Person;
  before(async () => {
    person = await newPerson(service.url);
  });
  const names = async () =>
    (await person.get('/files?limit=100')).body.items.map(({ filename }: { filename: string }) => filename);

  test('one that is refused keeps no other from being taken, wherever it stands', async () => {
    const tooLarge = randomBytes(5 * 1024 * 1024);
    const { status, body } = await send(person, '/upload/multiple', [
      ['files', 'program.exe', 'MZ'],
      ['files', 'first.csv', 'a\n1\n'],
      ['files', 'large.csv', tooLarge],
      ['files', 'second.csv', 'b\n2\n'],
      ['files', 'last.exe', randomBytes(300_000)],
    ]);
    assert.equal(status, 200);
    assert.equal(body.file_count, 2);
    assert.deepEqual(
      body.refused.map(({ filename, code }: { filename: string; code: string }) => [filename, code]),
      [
        ['program.exe', 'unsupported_format'],
        ['large.csv', 'file_too_large'],
        ['last.exe', 'unsupported_format'],
      ],
    );
    assert.deepEqual((await names()).sort(), ['first.csv', 'second.csv']);
  });

  test('more than 20 are refused, saying so, and none of them is taken', async () => {
    const parts = Array.from({ length: 21 }, (_, n): Part => ['files', `many${n}.csv`, 'a\n1\n']);
    const { status, body } = await send(person, '/upload/multiple', parts);
    assert.deepEqual([status, body.code], [413, 'payload_too_large']);
    assert.match(body.detail, /20/);
    assert.ok(!(await names()).some((name: string) => name.startsWith('many')));
  });

  test('all refused are the first one’s error', async () => {
    const { status, body } = await send(person, '/upload/multiple', [
      ['files', 'a.exe', 'x'],
      ['files', 'b.exe', 'x'],
    ]);
    assert.deepEqual([status, body.code], [415, 'unsupported_format']);
  });

  test('options are for all of them, and may come after the files', async () => {
    const { body } = await send(person, '/upload/multiple', [
      ['files', 'c.csv', 'id,secret\n1,x\n'],
      ['files', 'd.csv', 'id,secret\n2,y\n'],
      ['seal', 'secret'],
    ]);
    for (const { file_id } of body.files) {
      let file = await person.get(`/files/${file_id}`);
      while (file.status === 202) file = await person.get(`/files/${file_id}`);
      assert.equal(file.body.datasets[0].columns[1].sealed, true);
    }
  });

  test('a form with nothing in it, an unknown field or an Idempotency-Key is refused, and nothing is taken', async () => {
    const before = (await names()).length;
    const file: Part = ['files', 'e.csv', 'a\n1\n'];
    const answers = [
      await send(person, '/upload/multiple', [['note', 'nothing here']]),
      await send(person, '/upload/multiple', [file, ['picture', 'f.csv', 'a\n1\n']]),
      await send(person, '/upload/multiple', [file, ['header', 'perhaps']]),
      await send(person, '/upload/multiple', [file], { 'idempotency-key': 'k' }),
    ];
    for (const { status, body } of answers) assert.deepEqual([status, body.code], [400, 'invalid_request']);
    assert.equal((await names()).length, before);
    assert.equal(
      (await call(`${service.url}/upload/multiple`, { method: 'POST', headers: person.headers })).status,
      415,
    );
  });

  test('a form that breaks off leaves nothing', async () => {
    const before = (await names()).length;
    const stop = new AbortController();
    const body = new ReadableStream({
      start(to) {
        const part = (name: string) =>
          `--x\r\ncontent-disposition: form-data; name="files"; filename="${name}"\r\n\r\na\n1\n`;
        to.enqueue(new TextEncoder().encode(`${part('g.csv')}\r\n${part('h.csv')}`));
        setTimeout(() => stop.abort(), 300);
      },
    });
    const init = { method: 'POST', body, duplex: 'half', signal: stop.signal } as RequestInit;
    const headers = { ...person.headers, 'content-type': 'multipart/form-data; boundary=x' };
    await assert.rejects(fetch(`${service.url}/upload/multiple`, { ...init, headers }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal((await names()).length, before);
  });
});

describe('/upload/csv', () => {
  let person: Person;
  before(async () => {
    person = await newPerson(service.url);
  });

  test('answers a file of 100,000 rows in whole', async () => {
    const rows = Array.from({ length: 100_000 }, (_, n) => [String(n), `value ${n}`]);
    const text = `id,value\n${rows.map((row) => row.join(',')).join('\n')}\n`;
    const { status, body } = await send(person, '/upload/csv', [['file', 'large.csv', text]]);
    assert.equal(status, 200);
    assert.deepEqual(body.rows, [['id', 'value'], ...rows]);
  });

  test('takes files without a header, and rows as they stood in the file', async () => {
    const parts = [
      ['header', 'absent'],
      ['file', 'numbers.txt', '007;1,50;"a ""b"""\n008;;x\n'],
    ] as const;
    const { body } = await send(person, '/upload/csv', parts as never);
    assert.deepEqual(body.rows, [
      ['007', '1,50', 'a "b"'],
      ['008', '', 'x'],
    ]);
  });

  test('answers a header without rows', async () => {
    assert.deepEqual((await send(person, '/upload/csv', [['file', 'head.csv', 'a,b\n']])).body.rows, [['a', 'b']]);
  });

  test('says why a file could not be parsed, and refuses what is no CSV before it is stored', async () => {
    const broken = await send(person, '/upload/csv', [['file', 'broken.csv', '']]);
    assert.equal(broken.status, 422, broken.text);
    const workbook = await send(person, '/upload/csv', [['file', 'book.xlsx', 'PK']]);
    assert.deepEqual([workbook.status, workbook.body.code], [415, 'unsupported_format']);
    assert.equal((await person.get('/files/search?q=book')).body.total, 0);
  });
});

test('without a bearer token each of them answers 401', async () => {
  for (const path of ['/upload', '/upload/save', '/upload/multiple', '/upload/csv']) {
    assert.equal((await call(service.url + path, { method: 'POST' })).status, 401);
  }
  for (const path of ['/download/people.csv', '/export/csv'])
    assert.equal((await call(service.url + path)).status, 401);
});
