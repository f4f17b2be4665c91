import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { peopleCsv } from '../../bench/lib/people.ts';
import { type Answer, eventually, newAdmin, newPerson, type Person, untilOver } from '../helpers/client.ts';
import { startService } from '../helpers/service.ts';
import { storedBlobs } from '../helpers/stored.ts';
import { curl, noCurl } from '../helpers/tools.ts';
import { writeSheet } from '../helpers/xlsx-writer.ts';

const service = await startService();
after(() => service.stop());
const admin = await newAdmin(service);

const CSV = 'name,age,joined\nAsha,31,2024-05-06\nRavi,,2023-01-02\n"O""Neil, Jo",7,2022-12-31\n';
const XLSX = writeSheet(
  '<row r="1"><c t="inlineStr"><is><t>city</t></is></c></row><row r="2"><c t="inlineStr"><is><t>Pune</t></is></c></row>',
);
/** A workbook of which the end is missing. */
const BROKEN = XLSX.subarray(0, XLSX.length / 2);
const NOBODY = '00000000-0000-4000-8000-000000000000';

/** Every call that names a file or a dataset. */
async function askedAbout(person: Person, fileId: string, datasetId: string): Promise<Answer[]> {
  const file = `/files/${fileId}`;
  const dataset = `/datasets/${datasetId}`;
  return [
    await person.get(file),
    await person.get(`${file}/progress`),
    await person.get(`${file}/download`),
    await person.get(`${file}/events`),
    await person.get(`${file}/events`, { accept: 'text/event-stream' }),
    await person.post(`${file}/cancel`),
    await person.post('/tickets', { file_id: fileId }),
    await person.get(dataset),
    await person.get(`${dataset}/rows`),
    await person.get(`${dataset}/rejects`),
    await person.post(`${dataset}/query`),
    await person.delete(file),
  ];
}

for (const version of ['', '/v1']) {
  const base = service.url + version;
  const names = (answer: Answer): string[] => answer.body.items.map((file: { filename: string }) => file.filename);

  describe(`POST ${version}/files`, () => {
    test('answers 202 {file_id, filename, file_type, size, status, progress, …} and a Location', async () => {
      const person = await newPerson(base);
      const { status, headers, body } = await person.upload('people.csv', CSV);
      assert.equal(status, 202);
      assert.match(body.file_id, /./);
      assert.equal(body.filename, 'people.csv');
      assert.equal(body.file_type, 'csv');
      assert.equal(body.size, CSV.length);
      assert.ok(['uploading', 'processing', 'ready'].includes(body.status));
      assert.ok(body.progress >= 0 && body.progress <= 100);
      assert.equal(headers.get('location'), `/v1/files/${body.file_id}`);
      const located = await person.get(`/files/${body.file_id}`);
      assert.equal(located.body.file_id, body.file_id);
    });

    test('takes .csv, .txt and .xlsx, in any case', async () => {
      const person = await newPerson(base);
      const files = [
        ['A.CSV', CSV, 'csv'],
        ['b.txt', CSV.replaceAll(',', '\t'), 'txt'],
        ['c.XLSX', XLSX, 'xlsx'],
      ] as const;
      for (const [name, content, type] of files) {
        const { body } = await person.parsed(name, content);
        assert.equal(body.status, 'ready', name);
        assert.equal(body.file_type, type);
      }
    });

    test('is what curl -F file=@… sends', { skip: noCurl }, async () => {
      const person = await newPerson(base);
      const path = join(service.dataDir, 'curl.csv');
      writeFileSync(path, CSV);
      const bearer = ['-H', `Authorization: Bearer ${person.accessToken}`];
      const sent = await curl('-X', 'POST', `${base}/files`, ...bearer, '-F', `file=@${path}`);
      assert.equal(sent.status, 202, sent.body);
      const { file_id: fileId } = JSON.parse(sent.body);
      await untilOver(person, fileId);
      const progress = await curl(`${base}/files/${fileId}/progress`, ...bearer);
      assert.equal(JSON.parse(progress.body).progress, 100);
      assert.equal((await curl('-X', 'DELETE', `${base}/files/${fileId}`, ...bearer)).status, 204);
      assert.equal((await curl(`${base}/files/${fileId}`, ...bearer)).status, 404);
    });
  });

  describe(`GET ${version}/files/{file_id}`, () => {
    test('answers metadata and the parsed content', async () => {
      const person = await newPerson(base);
      const { status, body } = await person.parsed('people.csv', CSV);
      assert.equal(status, 200);
      assert.equal(body.status, 'ready');
      assert.equal(body.progress, 100);
      assert.equal(body.filename, 'people.csv');
      assert.equal(body.row_count, 3);
      assert.equal(body.error, null);
      assert.deepEqual(body.columns, ['name', 'age', 'joined']);
      assert.deepEqual(body.rows, [
        { name: 'Asha', age: 31, joined: '2024-05-06' },
        { name: 'Ravi', age: null, joined: '2023-01-02' },
        { name: 'O"Neil, Jo', age: 7, joined: '2022-12-31' },
      ]);
      for (const time of [body.created_at, body.started_at, body.finished_at]) assert.ok(Date.parse(time) > 0);
    });

    test('comes a page at a time, every row once and in the order of the file', async () => {
      const person = await newPerson(base);
      const numbers = Array.from({ length: 250 }, (_, i) => i * 3);
      const { body: file } = await person.parsed('long.csv', `n\n${numbers.join('\n')}\n`);
      const seen: number[] = [];
      for (let offset = 0; offset < file.total; offset += 100) {
        const { body } = await person.get(`/files/${file.file_id}?limit=100&offset=${offset}`);
        assert.equal(body.total, 250);
        assert.equal(body.limit, 100);
        assert.equal(body.offset, offset);
        assert.equal(body.row_numbers[0], offset + 1);
        seen.push(...body.rows.map((row: { n: number }) => row.n));
      }
      assert.deepEqual(seen, numbers);
      assert.deepEqual((await person.get(`/files/${file.file_id}?offset=9999`)).body.rows, []);
    });

    test('answers 202 and a message while it is still being parsed', async () => {
      const person = await newPerson(base);
      const { body: sent } = await person.upload('large.csv', [...peopleCsv({ rows: 20_000 })].join(''));
      const { status, body, headers } = await person.get(`/files/${sent.file_id}`);
      assert.equal(status, 202);
      assert.equal(body.file_id, sent.file_id);
      assert.ok(body.message.length > 10);
      assert.ok(Number(headers.get('retry-after')) > 0);
      assert.equal((await person.post(`/files/${sent.file_id}/cancel`)).body.error.code, 'cancelled');
    });

    test('of a file that could not be parsed says why', async () => {
      const person = await newPerson(base);
      const { status, body } = await person.parsed('cut-off.xlsx', BROKEN);
      assert.equal(status, 200);
      assert.equal(body.status, 'failed');
      assert.match(body.error.code, /^[a-z_]+$/);
      assert.ok(body.error.detail.length > 10);
      assert.deepEqual(body.rows, []);
    });

    test('refuses a page that cannot be', async () => {
      const person = await newPerson(base);
      const { body } = await person.parsed('people.csv', CSV);
      for (const query of ['limit=0', 'limit=1001', 'limit=x', 'offset=-1', 'offset=1.5', 'level=all', 'limit=1e99']) {
        const answer = await person.get(`/files/${body.file_id}?${query}`);
        assert.equal(answer.status, 400, query);
        assert.equal(answer.body.code, 'invalid_request');
      }
      assert.equal((await person.get(`/files/${body.file_id}?dataset=2`)).body.code, 'dataset_not_found');
    });

    test('answers 404 for what never was a file', async () => {
      const person = await newPerson(base);
      for (const id of [NOBODY, 'x', '1', '..%2f..%2fetc%2fpasswd', `${NOBODY}%00`, "'or'1'='1", '%F0%9F%98%80']) {
        const { status, body } = await person.get(`/files/${id}`);
        assert.equal(status, 404, id);
        assert.equal(body.code, 'file_not_found');
      }
    });
  });

  describe(`GET ${version}/files`, () => {
    test("is {items, total, limit, offset}, the caller's own files, newest first", async () => {
      const person = await newPerson(base);
      await admin.parsed("somebody else's.csv", CSV);
      for (const name of ['first.csv', 'second.csv', 'third.csv']) await person.parsed(name, CSV);
      const { status, body } = await person.get('/files');
      assert.equal(status, 200);
      assert.deepEqual(Object.keys(body).sort(), ['items', 'limit', 'offset', 'total']);
      assert.deepEqual([body.total, body.limit, body.offset], [3, 10, 0]);
      assert.deepEqual(names({ body } as Answer), ['third.csv', 'second.csv', 'first.csv']);
    });

    test('comes a page at a time, each file once', async () => {
      const person = await newPerson(base);
      for (let i = 0; i < 7; i++) await person.upload(`${i}.csv`, CSV);
      const pages = [];
      for (const offset of [0, 3, 6, 9]) pages.push(await person.get(`/files?limit=3&offset=${offset}`));
      assert.deepEqual(
        pages.map(({ body }) => body.items.length),
        [3, 3, 1, 0],
      );
      assert.ok(pages.every(({ body }) => body.total === 7));
      assert.equal(new Set(pages.flatMap(names)).size, 7);
    });

    test('is filtered by file_type and status', async () => {
      const person = await newPerson(base);
      await person.parsed('a.csv', CSV);
      await person.parsed('b.xlsx', XLSX);
      await person.parsed('broken.xlsx', BROKEN);
      const filtered = async (query: string) => names(await person.get(`/files?limit=10&offset=0&${query}`)).sort();
      assert.deepEqual(await filtered('file_type=csv&status=ready'), ['a.csv']);
      assert.deepEqual(await filtered('file_type=xlsx'), ['b.xlsx', 'broken.xlsx']);
      assert.deepEqual(await filtered('status=failed'), ['broken.xlsx']);
      assert.deepEqual(await filtered('file_type=csv&status=failed'), []);
      assert.equal((await person.get('/files?status=ready')).body.total, 2);
    });
  });

  describe(`GET ${version}/files/search`, () => {
    test('finds part of a name, whatever its case and its Unicode form', async () => {
      const person = await newPerson(base);
      await person.upload('Résumé ÜBERSICHT 2026.csv', CSV);
      await person.upload('नाम सूची.csv', CSV);
      await person.upload('ＷＩＤＥ.csv', CSV);
      const found = async (q: string) => names(await person.get(`/files/search?q=${encodeURIComponent(q)}`));
      for (const q of ['résumé', 'RE\u0301SUME\u0301', 'übersicht', 'SICHT 20', 'Résumé ÜBERSICHT 2026.csv']) {
        assert.deepEqual(await found(q), ['Résumé ÜBERSICHT 2026.csv'], q);
      }
      assert.deepEqual(await found('सूची'), ['नाम सूची.csv']);
      assert.equal((await found('wide')).length, 1);
      assert.equal((await found('.CSV')).length, 3);
      assert.deepEqual(await found('nothing like it'), []);
    });

    test('takes % and _ and quotes as they are', async () => {
      const person = await newPerson(base);
      for (const name of ['100%_sure.csv', '100 sure.csv', "it's.csv"]) await person.upload(name, CSV);
      const found = async (q: string) => names(await person.get(`/files/search?q=${encodeURIComponent(q)}`));
      assert.deepEqual(await found('%'), ['100%_sure.csv']);
      assert.deepEqual(await found('_'), ['100%_sure.csv']);
      assert.deepEqual(await found('0%_s'), ['100%_sure.csv']);
      assert.deepEqual(await found("'"), ["it's.csv"]);
      assert.deepEqual(await found("' or 1=1 --"), []);
      assert.deepEqual(await found('\\'), []);
      assert.deepEqual(await found('\0'), []);
    });

    test('has the same shape and pages as the list, and needs a q', async () => {
      const person = await newPerson(base);
      for (let i = 0; i < 5; i++) await person.upload(`report ${i}.csv`, CSV);
      const { body } = await person.get('/files/search?q=report&limit=2&offset=4');
      assert.deepEqual([body.items.length, body.total, body.limit, body.offset], [1, 5, 2, 4]);
      assert.equal((await person.get('/files/search')).status, 400);
      assert.equal((await person.get('/files/search?q=')).status, 400);
    });
  });

  describe(`GET ${version}/files/stats`, () => {
    test('counts by type and status, bytes, rows, processing times', async () => {
      const person = await newPerson(base);
      const before = (await person.get('/files/stats')).body;
      assert.equal(before.total_files, 0);
      assert.equal(before.processing_ms.average, null);
      await person.parsed('a.csv', CSV);
      await person.parsed('b.csv', CSV);
      await person.parsed('c.xlsx', XLSX);
      await person.parsed('broken.xlsx', BROKEN);
      const { status, body } = await person.get('/files/stats');
      assert.equal(status, 200);
      assert.equal(body.total_files, 4);
      assert.deepEqual(body.by_type, { csv: 2, xlsx: 2 });
      assert.deepEqual(body.by_status, { ready: 3, failed: 1 });
      assert.equal(body.total_bytes, 2 * CSV.length + XLSX.length + BROKEN.length);
      assert.equal(body.total_rows, 7);
      const { average, min, max } = body.processing_ms;
      assert.ok(min > 0 && min <= average && average <= max);
    });
  });

  describe(`DELETE ${version}/files/{file_id}`, () => {
    test('answers 204, and 404 everywhere from then on; nothing of the file is on the disk', async () => {
      const person = await newPerson(base);
      await eventually('nothing is being parsed', async () => (await idle()) && true);
      const before = storedBlobs(service.dataDir);
      const { body: file } = await person.parsed('people.csv', CSV);
      assert.equal(storedBlobs(service.dataDir).length, before.length + 2);
      const deleted = await person.delete(`/files/${file.file_id}`);
      assert.equal(deleted.status, 204);
      assert.equal(deleted.text, '');
      for (const answer of await askedAbout(person, file.file_id, file.dataset_id)) assert.equal(answer.status, 404);
      assert.deepEqual(names(await person.get('/files')), []);
      assert.equal((await person.get('/files/search?q=people')).body.total, 0);
      assert.equal((await person.get('/files/stats')).body.total_files, 0);
      assert.deepEqual((await person.get('/events')).body.items, []);
      assert.deepEqual(storedBlobs(service.dataDir), before);
    });

    test('of a file that is being parsed stops that and leaves nothing', async () => {
      const person = await newPerson(base);
      await eventually('nothing is being parsed', async () => (await idle()) && true);
      const before = storedBlobs(service.dataDir);
      const { body: sent } = await person.upload('large.csv', [...peopleCsv({ rows: 30_000 })].join(''));
      await eventually(
        'it has begun',
        async () => (await person.get(`/files/${sent.file_id}/progress`)).body.progress > 0,
      );
      assert.equal((await person.delete(`/files/${sent.file_id}`)).status, 204);
      assert.equal((await person.get(`/files/${sent.file_id}`)).status, 404);
      await eventually('nothing is left', () => storedBlobs(service.dataDir).join() === before.join());
      assert.equal((await person.parsed('next.csv', CSV)).body.status, 'ready');
    });
  });

  test(`${version}/: users see only their own files: 404, lists, counts, events`, async () => {
    const owner = await newPerson(base);
    const other = await newPerson(base);
    const { body: file } = await owner.parsed('private.csv', CSV);
    for (const answer of await askedAbout(other, file.file_id, file.dataset_id)) {
      assert.equal(answer.status, 404);
      assert.ok(['file_not_found', 'dataset_not_found'].includes(answer.body.code));
    }
    assert.equal((await other.get('/files')).body.total, 0);
    assert.equal((await other.get('/files/search?q=private')).body.total, 0);
    assert.equal((await other.get('/files/stats')).body.total_files, 0);
    assert.deepEqual((await other.get('/events')).body.items, []);
    assert.equal((await owner.get(`/files/${file.file_id}`)).status, 200);
  });
}

/** Whether no file of anybody is waiting or being parsed; uploads of other tests may be left that way. */
async function idle(): Promise<boolean> {
  const { body } = await admin.parsed('last-in-the-queue.csv', CSV);
  await admin.delete(`/files/${body.file_id}`);
  return !storedBlobs(service.dataDir).some((path) => /^(receiving|staging)/.test(path));
}
