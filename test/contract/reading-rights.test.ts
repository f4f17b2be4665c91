import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { call, newAdmin, newPerson, type Person, sendJson } from '../helpers/client.ts';
import { startService } from '../helpers/service.ts';

const service = await startService();
after(() => service.stop());
const base = `${service.url}/v1`;
const owner = await newAdmin({ ...service, url: base });
const blind = await newPerson(base, 'blind');
await owner.patch(`/users/${blind.userId}`, { role: 'admin', may_reveal: false });

const AADHAAR = ['234123412346', '345634563458', '987698769876'];
const SEALED = `name,aadhaar_number\n${AADHAAR.map((number, n) => `P${n},${number}`).join('\n')}\n`;
const code = async (answer: Promise<{ status: number; body: { code?: string } }>) => {
  const { status, body } = await answer;
  return [status, body.code];
};
const setPolicy = (policy: object) =>
  sendJson(`${base}/workspaces/current/detection`, 'PUT', { policy }, owner.headers).then(({ status }) =>
    assert.equal(status, 200),
  );
const newestEntry = async (action: string) => (await owner.get(`/audit?action=${action}&limit=1`)).body.items[0];

test('the original of a file whose columns are masked for good is for those alone who may reveal', async () => {
  await setPolicy({ aadhaar: 'mask' });
  const { body } = await owner.parsed('masked.csv', SEALED);
  await setPolicy({});
  assert.deepEqual(
    body.datasets[0].columns.map(({ sealed, masked }: { sealed: boolean; masked: boolean }) => [sealed, masked]),
    [
      [false, false],
      [false, true],
    ],
  );
  assert.deepEqual(await code(blind.get(`/files/${body.file_id}/download`)), [403, 'reveal_not_allowed']);
  assert.equal((await owner.get(`/files/${body.file_id}/download`)).status, 200);
  const { reads } = (await newestEntry('file.download')).detail;
  assert.deepEqual(reads, [{ dataset_id: body.dataset_id, rows: [[1, 3]] }]);
});

test('the original of a file with a row that was not taken is for those alone who may reveal', async () => {
  const { body } = await owner.parsed('ragged.csv', 'a,b\n1,2\n1,2,secret\n3,4\n');
  assert.equal(body.datasets[0].reject_count, 1);
  assert.deepEqual(await code(blind.get(`/files/${body.file_id}/download`)), [403, 'reveal_not_allowed']);
});

test('the original of a file with nothing to hide is for all who may read it', async () => {
  const { body } = await owner.parsed('plain.csv', 'a,b\n1,2\n3,4\n');
  assert.equal((await blind.get(`/files/${body.file_id}/download`)).text, 'a,b\n1,2\n3,4\n');
});

test('the checksum of a file is told to those alone who may reveal in it, and stands in no audit entry', async () => {
  const { body } = await owner.parsed('sum.csv', SEALED);
  assert.match(body.sha256, /^[0-9a-f]{64}$/);
  assert.equal((await blind.get(`/files/${body.file_id}`)).body.sha256, null);
  const { items } = (await blind.get('/files?owner=all')).body;
  assert.ok(items.length > 0 && items.every(({ sha256 }: { sha256: unknown }) => sha256 === null));
  assert.doesNotMatch((await owner.get('/audit?limit=1000')).text, new RegExp(body.sha256));
});

test('a plain read of rejects is in the audit log as one of every row, for each sealed column', async () => {
  const { body } = await owner.parsed('rejects.csv', `${SEALED}P9,234123412346,more\n`);
  assert.equal((await owner.get(`/datasets/${body.dataset_id}/rejects?level=plain`)).body.items.length, 1);
  const { detail } = await newestEntry('dataset.reveal');
  assert.deepEqual(
    [detail.sealed_columns, detail.reads],
    [['aadhaar_number'], [{ dataset_id: body.dataset_id, rows: [[1, 3]] }]],
  );
  const seen = await owner.get(`/audit/seen?dataset_id=${body.dataset_id}&row=2`);
  assert.equal(seen.body.total, 1);
});

test('a search of a sealed column is in the audit log with all rows that it confirms, whatever page is given', async () => {
  const rows = Array.from({ length: 30 }, (_, n) => `P${n},${n % 10 === 5 ? AADHAAR[0] : AADHAAR[1]}`);
  const { body } = await owner.parsed('search.csv', `name,aadhaar_number\n${rows.join('\n')}\n`);
  const where = [{ column: 'aadhaar_number', op: 'eq', value: AADHAAR[0] }];
  const query = (more: object) => owner.post(`/datasets/${body.dataset_id}/query`, { where, ...more });
  const rowsOf = async () => (await newestEntry('dataset.search')).detail.reads[0].rows;
  const beyond = await query({ offset: 1000 });
  assert.deepEqual([beyond.body.total, beyond.body.rows], [3, []]);
  const all = [
    [6, 6],
    [16, 16],
    [26, 26],
  ];
  assert.deepEqual(await rowsOf(), all);
  assert.equal((await query({ limit: 1 })).body.rows.length, 1);
  assert.deepEqual(await rowsOf(), all);
});

test('an export and an original end within a second of the end of the session', async (t) => {
  const row = `${'x'.repeat(1000)},${'y'.repeat(1000)}\n`;
  for (const path of ['export', 'original']) {
    await t.test(path, async () => {
      const person = await newPerson(base);
      const { body } = await person.parsed('large.csv', `a,b\n${row.repeat(15_000)}`);
      const [file, dataset] = [`/files/${body.file_id}/download`, `/datasets/${body.dataset_id}/export?level=plain`];
      const response = await fetch(base + (path === 'export' ? dataset : file), { headers: person.headers });
      assert.equal(response.status, 200);
      const reader = response.body!.getReader();
      await reader.read();
      await owner.patch(`/users/${person.userId}`, { active: false });
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await assert.rejects(async () => {
        for (;;) if ((await reader.read()).done) break;
      });
    });
  }
});

/** A few cells of millions of letters each. */
async function uploadLong(person: Person): Promise<string> {
  const cell = `${'a'.repeat(4_000_000)}b`;
  const csv = `id,text\n${Array.from({ length: 12 }, (_, n) => `${n},${cell}`).join('\n')}\n`;
  const { body } = await person.parsed('long.csv', csv);
  assert.equal(body.code, 'page_too_large', 'a page of all that is not given');
  const file = (await person.get('/files?limit=1')).body.items[0];
  const one = await person.get(`/files/${file.file_id}?limit=1`);
  assert.equal(one.body.rows[0].text.length, cell.length, 'a row alone is');
  return one.body.dataset_id;
}

test('what is too large for a page is told, is exported in whole, and holds nobody up', async () => {
  const greedy = await newPerson(base, 'greedy');
  const dataset = await uploadLong(greedy);
  const { body: small } = await owner.parsed('small.csv', 'a,b\n1,2\n3,4\n');
  const part = (length: number) => `${'a'.repeat(length)}b`;
  const contains = (value: string) =>
    greedy.post(`/datasets/${dataset}/query`, { columns: ['id'], where: [{ column: 'text', op: 'contains', value }] });
  assert.deepEqual(await code(contains(part(600))), [400, 'invalid_request']);
  const busy = Array.from({ length: 6 }, () => contains(part(490)));
  let over = 0;
  for (const one of busy) one.finally(() => over++);
  assert.equal((await owner.get(`/datasets/${small.dataset_id}/rows`)).status, 200);
  assert.ok(over < busy.length, 'the other is answered before all of them are');
  for (const { status } of await Promise.all(busy)) assert.ok(status === 200 || status === 503);
  const csv = await call(`${base}/datasets/${dataset}/export`, { headers: greedy.headers });
  assert.ok(csv.text.length > 12 * 4_000_000);
});
