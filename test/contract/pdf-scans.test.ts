import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { inventedAadhaars } from '../helpers/aadhaar.ts';
import { newPerson } from '../helpers/client.ts';
import { ruledTable, text } from '../helpers/pdf-writer.ts';
import { scannedPdf } from '../helpers/scan.ts';
import { startService } from '../helpers/service.ts';

const service = await startService();
after(() => service.stop());
const person = await newPerson(`${service.url}/v1`);
const numbers = inventedAadhaars(11);
const [inText, ...inTable] = numbers;
const rows = [['Name', 'Aadhaar number', 'Amount'], ...inTable.map((number, n) => [`Person ${n}`, number, `${n}.50`])];
const content =
  text(60, 265, `Sent on paper by the holder of Aadhaar ${inText}.`) +
  ruledTable(rows, { x: 60, y: 240, widths: [120, 140, 80] });
const scan = await scannedPdf([{ size: [595, 300], content }], { dpi: 200, slope: 0.01, noise: 50 });

test('a scan that is sent becomes ready, its identifiers are sealed in its table and in its text', async () => {
  const { body, text: answer } = await person.parsed('scan.pdf', scan);
  assert.equal(body.status, 'ready', answer);
  const [table, around, , pages] = body.datasets;
  assert.deepEqual([table.name, table.row_count, around.name], ['page 1 table 1', 10, 'text']);
  assert.deepEqual([pages.name, pages.row_count], ['ocr', 1]);
  assert.deepEqual([table.columns[1].name, table.columns[1].sealed], ['Aadhaar number', true]);
  assert.equal(around.columns[2].sealed, true);
  for (const { dataset_id } of body.datasets) {
    const { text: shown } = await person.get(`/datasets/${dataset_id}/rows`);
    for (const number of numbers) assert.ok(!shown.includes(number));
  }
});

test('what was recognised comes back plain to who may see it, and its dataset says that it was recognised', async () => {
  const { body } = await person.parsed('scan.pdf', scan);
  const [table] = body.datasets;
  const { body: page } = await person.get(`/datasets/${table.dataset_id}/rows?level=plain&reason=a%20test`);
  const seen = page.rows.map((row: Record<string, unknown>) => String(row['Aadhaar number']).replaceAll(' ', ''));
  const right = seen.filter((number: string, n: number) => number === inTable[n]).length;
  assert.ok(right >= 9, `${right} of 10`);
  const { body: told } = await person.get(`/datasets/${table.dataset_id}`);
  assert.equal(told.dialect.ocrPages, '1');
  assert.ok(told.dialect.ocrConfidence >= 80);
});

test('OCR_MAX_PAGES=0 turns recognition off, and the file says why it failed', async () => {
  const without = await startService({ OCR_MAX_PAGES: '0' });
  try {
    const { body } = await (await newPerson(`${without.url}/v1`)).parsed('scan.pdf', scan);
    assert.deepEqual([body.status, body.error.code], ['failed', 'pdf_scanned']);
    assert.match(body.error.detail, /Run text recognition/);
  } finally {
    await without.stop();
  }
});

test('a language whose package is not installed is named, by a process that may read the programs alone', async () => {
  const without = await startService({ OCR_LANGUAGES: 'eng,xyz' });
  try {
    const { body } = await (await newPerson(`${without.url}/v1`)).parsed('scan.pdf', scan);
    assert.deepEqual([body.status, body.error.code], ['failed', 'pdf_scanned']);
    assert.match(body.error.detail, /@tesseract\.js-data\/xyz/);
  } finally {
    await without.stop();
  }
});

test('OCR_LANGUAGES takes codes of languages and nothing else', async () => {
  await assert.rejects(startService({ OCR_LANGUAGES: '../eng' }), /OCR_LANGUAGES must be codes/);
});
