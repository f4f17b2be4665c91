import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { newPerson } from '../helpers/client.ts';
import { RAW_FORM, rawForm, sendRaw } from '../helpers/raw-http.ts';
import { startService } from '../helpers/service.ts';

const service = await startService();
after(() => service.stop());
const base = `${service.url}/v1`;
const CSV = 'name,age\nAsha,31\n';

describe('a hostile name is data', async () => {
  const person = await newPerson(base);
  const names: [sent: string, kept: string | RegExp][] = [
    ['../../etc/passwd.csv', 'passwd.csv'],
    ['..\\\\..\\\\windows\\\\system.csv', 'system.csv'],
    ['C:\\x\\y.csv', /y\.csv$/],
    ['/etc/passwd.csv', 'passwd.csv'],
    ['nul\0byte.csv', 'nulbyte.csv'],
    ['\u202egnp.csv', 'gnp.csv'],
    ['a\u200b\u200f\u2066b.csv', 'ab.csv'],
    [`${'x'.repeat(5000)}.csv`, `${'x'.repeat(251)}.csv`],
    ['quote\\"d.csv', 'quote"d.csv'],
    ['percent%22d%0d%0aX-Evil: 1.csv', /percent.*\.csv/],
    ['__proto__.csv', '__proto__.csv'],
    ['constructor.csv', 'constructor.csv'],
    ["'; drop table files; --.csv", "'; drop table files; --.csv"],
    ['<script>alert(1)<!--.csv', '<script>alert(1)<!--.csv'],
    ['नाम 😀 naïve.csv', 'नाम 😀 naïve.csv'],
    ['...csv', '...csv'],
  ];

  for (const [sent, kept] of names) {
    test(JSON.stringify(sent.slice(0, 40)), async () => {
      const outside = readdirSync(service.dataDir);
      const body = rawForm([{ disposition: `form-data; name="file"; filename="${sent}"`, data: CSV }]);
      const headers = { ...person.headers, 'content-type': RAW_FORM, prefer: 'wait=30' };
      const answer = await sendRaw(`${base}/files`, { headers, body });
      assert.equal(answer!.status, 200, answer!.text);
      const { filename, status, file_id: fileId } = answer!.body;
      assert.equal(status, 'ready');
      if (typeof kept === 'string') assert.equal(filename, kept);
      else assert.match(filename, kept);
      assert.doesNotMatch(filename, /[\p{Cc}\p{Cf}/\\]/u);
      const found = await person.get(`/files/search?q=${encodeURIComponent(filename.slice(0, 50))}`);
      assert.ok(found.body.items.some((file: { file_id: string }) => file.file_id === fileId));
      const download = await person.get(`/files/${fileId}/download`);
      assert.equal(download.text, CSV);
      assert.deepEqual(
        [...download.headers.keys()].filter((name) => name.startsWith('x-evil')),
        [],
      );
      assert.deepEqual(readdirSync(service.dataDir), outside);
    });
  }
});

describe('GET /files/{file_id}/download', () => {
  const content = randomBytes(300_000);
  content.write('n\n');
  const stored = (async () => {
    const person = await newPerson(base);
    const clean = Buffer.from(`n,t\n${Array.from({ length: 30_000 }, (_, i) => `${i},é${i}`).join('\n')}\n`);
    const { body } = await person.parsed('Zahlen “2026” 100%.csv', clean);
    return { person, clean, file: body };
  })();

  async function ask(headers: Record<string, string> = {}) {
    const { person, file } = await stored;
    const response = await fetch(`${base}/files/${file.file_id}/download`, {
      headers: { ...person.headers, ...headers },
    });
    return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
  }

  test('gives the original bytes, to the last', async () => {
    const { clean, file } = await stored;
    const { status, headers, bytes } = await ask();
    assert.equal(status, 200);
    assert.ok(bytes.equals(clean));
    assert.equal(headers.get('content-length'), String(clean.length));
    assert.equal(headers.get('accept-ranges'), 'bytes');
    assert.equal(headers.get('etag'), `"${file.sha256}"`);
  });

  test('gives the bytes of a file that could not be parsed, too', async () => {
    const person = await newPerson(base);
    const { body } = await person.parsed('noise.json', content);
    assert.equal(body.status, 'failed');
    const response = await fetch(`${base}/files/${body.file_id}/download`, { headers: person.headers });
    assert.ok(Buffer.from(await response.arrayBuffer()).equals(content));
  });

  test('is always a download, named as RFC 6266 says, and is not to be sniffed', async () => {
    const { headers } = await ask();
    const disposition = headers.get('content-disposition')!;
    assert.match(disposition, /^attachment; filename="[\x20-\x7e]+"; filename\*=UTF-8''[\w!#$&+.^`|~%-]+$/);
    const encoded = disposition.split("UTF-8''")[1]!;
    assert.equal(decodeURIComponent(encoded), 'Zahlen “2026” 100%.csv');
    assert.equal(headers.get('content-type'), 'application/octet-stream');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.match(headers.get('cache-control') ?? '', /no-store/);
  });

  const size = async () => (await stored).clean.length;
  const ranges: [range: string, of: (size: number) => [start: number, end: number]][] = [
    ['bytes=0-99', () => [0, 100]],
    ['bytes=0-0', () => [0, 1]],
    ['bytes=1000-1999', () => [1000, 2000]],
    ['bytes=65530-131090', () => [65_530, 131_091]],
    ['bytes=1000-', (all) => [1000, all]],
    ['bytes=-500', (all) => [all - 500, all]],
    ['bytes=-99999999', (all) => [0, all]],
    ['bytes=1000-99999999', (all) => [1000, all]],
    ['bytes=1000-99999999999999999999', (all) => [1000, all]],
    ['BYTES= 0-99', () => [0, 100]],
  ];
  for (const [range, of] of ranges) {
    test(`answers Range: ${range} with 206 and those bytes`, async () => {
      const { clean } = await stored;
      const [start, end] = of(clean.length);
      const { status, headers, bytes } = await ask({ range });
      assert.equal(status, 206);
      assert.equal(headers.get('content-range'), `bytes ${start}-${end - 1}/${clean.length}`);
      assert.ok(bytes.equals(clean.subarray(start, end)));
    });
  }

  test('answers a range beyond the end with 416 and the size', async () => {
    for (const range of [
      `bytes=${await size()}-`,
      'bytes=99999999-999999999',
      'bytes=99999999999999999999-',
      'bytes=-0',
    ]) {
      const { status, headers, bytes } = await ask({ range });
      assert.equal(status, 416, range);
      assert.equal(JSON.parse(String(bytes)).code, 'range_not_satisfiable');
      assert.equal(headers.get('content-range'), `bytes */${await size()}`);
    }
  });

  test('gives the whole for a range it does not know', async () => {
    for (const range of ['bytes=5-1', 'rows=0-9', 'bytes=x-y', 'bytes=0-1,5-6', 'bytes=']) {
      const { status, bytes } = await ask({ range });
      assert.equal(status, 200, range);
      assert.equal(bytes.length, await size());
    }
  });

  test('answers 304 to who has the bytes that it would send, and 412 to who wants others', async () => {
    const { file } = await stored;
    const etag = `"${file.sha256}"`;
    for (const held of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const { status, headers, bytes } = await ask({ 'if-none-match': held, range: 'bytes=0-9' });
      assert.deepEqual([status, bytes.length, headers.get('etag')], [304, 0, etag], held);
    }
    assert.equal((await ask({ 'if-none-match': '"other"' })).status, 200);
    for (const wanted of [etag, `"other", ${etag}`, '*']) assert.equal((await ask({ 'if-match': wanted })).status, 200);
    const { status, bytes } = await ask({ 'if-match': '"other"' });
    assert.deepEqual([status, JSON.parse(String(bytes)).code], [412, 'precondition_failed']);
  });

  test('answers HEAD with the headers of the whole, whatever Range is asked for', async () => {
    const { person, file } = await stored;
    const headers = { ...person.headers, range: 'bytes=0-9' };
    const answer = await fetch(`${base}/files/${file.file_id}/download`, { method: 'HEAD', headers });
    assert.equal(answer.status, 200);
    assert.equal(Number(answer.headers.get('content-length')), await size());
    assert.equal(answer.headers.get('content-range'), null);
  });

  test('gives a range under If-Range when the file is still that one, and the whole when it is another', async () => {
    const { file } = await stored;
    const same = await ask({ range: 'bytes=0-9', 'if-range': `"${file.sha256}"` });
    assert.deepEqual([same.status, same.bytes.length], [206, 10]);
    for (const other of ['"another"', `W/"${file.sha256}"`, 'Sat, 01 Jan 2026 00:00:00 GMT']) {
      const whole = await ask({ range: 'bytes=0-9', 'if-range': other });
      assert.deepEqual([whole.status, whole.bytes.length], [200, await size()]);
    }
  });
});
