import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { inventedAadhaars } from '../helpers/aadhaar.ts';
import { newPerson } from '../helpers/client.ts';
import { encryptPdf, noQpdf } from '../helpers/pdf-encrypt.ts';
import { deflatedBody, ruledTable, text, writePdf } from '../helpers/pdf-writer.ts';
import { startService } from '../helpers/service.ts';

const service = await startService();
after(() => service.stop());
const person = await newPerson(`${service.url}/v1`);
const numbers = inventedAadhaars(6);

/** An invoice of two pages, its table on both. */
function invoice(): Buffer {
  const page = (from: number) => {
    const rows = [0, 1, 2].map((n) => [`Person ${from + n}`, numbers[from + n]!, `${from + n}.50`]);
    const table = [['Name', 'Aadhaar number', 'Amount'], ...rows];
    return { content: ruledTable(table, { x: 60, y: 700, widths: [120, 140, 80] }) };
  };
  const [first, second] = [page(0), page(3)];
  const end = text(60, 500, 'Total due: 18.00');
  return writePdf([{ content: text(60, 780, 'Invoice 118') + first.content }, { content: second.content + end }]);
}

test('the table of a PDF is sealed like any other, and its text gives nothing of it away', async () => {
  const { body, text: answer } = await person.parsed('invoice.pdf', invoice());
  assert.equal(body.status, 'ready', answer);
  const [table, around, ...more] = body.datasets;
  assert.deepEqual([table.name, table.row_count, around.name], ['pages 1-2 table 1', 6, 'text']);
  assert.deepEqual(
    more.map(({ name, row_count }: { name: string; row_count: number }) => [name, row_count]),
    [['positions', 6]],
  );
  const [, aadhaar] = table.columns;
  assert.deepEqual([aadhaar.name, aadhaar.sealed, aadhaar.sealed_by], ['Aadhaar number', true, 'detected']);
  for (const row of body.rows) assert.match(row['Aadhaar number'], /^gAAAA/);
  const lines = await person.get(`/datasets/${around.dataset_id}/rows`);
  assert.deepEqual(
    lines.body.rows.map((row: { page: number; text: string }) => [row.page, row.text]),
    [
      [1, 'Invoice 118'],
      [2, 'Total due: 18.00'],
    ],
  );
  for (const number of numbers) assert.ok(!(answer + lines.text).includes(number));
});

test('a sealed value of a PDF comes back as it stood in the file', async () => {
  const { body } = await person.parsed('invoice.pdf', invoice());
  const { body: page } = await person.get(`/datasets/${body.dataset_id}/rows?level=plain&reason=a%20test`);
  assert.deepEqual(
    page.rows.map((row: Record<string, unknown>) => row['Aadhaar number']),
    numbers,
  );
});

test('a field of a form is sealed by its own value, which stands nowhere else', async () => {
  const look = '/Type /Annot /Subtype /Widget /FT /Tx /F 4 /DA (/F1 10 Tf 0 g)';
  const objects = [
    `<< ${look} /T (name) /V (Asha) /Rect [60 600 260 620] >>`,
    `<< ${look} /T (aadhaar number) /V (${numbers[0]}) /Rect [60 570 260 590] >>`,
  ];
  const catalog = '/AcroForm << /Fields [4 0 R 5 0 R] /DR << /Font << /F1 3 0 R >> >> >>';
  const page = { content: text(60, 700, 'Application'), entries: '/Annots [4 0 R 5 0 R]' };
  const { body } = await person.parsed('form.pdf', writePdf([page], { objects, catalog }));
  const [, form, fields] = body.datasets;
  assert.deepEqual([form.name, form.row_count, fields.name, fields.row_count], ['form', 1, 'fields', 2]);
  assert.deepEqual(
    form.columns.map(({ name, sealed }: { name: string; sealed: boolean }) => [name, sealed]),
    [
      ['name', false],
      ['aadhaar number', true],
    ],
  );
  for (const { dataset_id } of body.datasets) {
    const { text: rows } = await person.get(`/datasets/${dataset_id}/rows`);
    assert.ok(!rows.includes(numbers[0]!), rows);
  }
});

test('a PDF under a password is read when it is sent along', { skip: noQpdf }, async () => {
  const locked = encryptPdf(invoice(), 'open sesame', ['256']);
  const { body: without } = await person.parsed('invoice.pdf', locked);
  assert.equal(without.error?.code, 'pdf_encrypted');
  const { body: wrong } = await person.parsed('invoice.pdf', locked, { fields: { password: 'open barley' } });
  assert.equal(wrong.error?.code, 'password_wrong');
  const { body, text: answer } = await person.parsed('invoice.pdf', locked, { fields: { password: 'open sesame' } });
  assert.equal(body.datasets[0].row_count, 6, answer);
  assert.ok(!answer.includes('sesame'));
});

test('a file that only bears the name of a PDF, and a damaged one, say so', async () => {
  for (const [content, code] of [
    ['name,city\nAsha,Pune\n', 'content_mismatch'],
    ['%PDF-1.7\nnothing more', 'pdf_corrupt'],
  ] as const) {
    const { body } = await person.parsed('letter.pdf', content);
    assert.deepEqual([body.status, body.error?.code], ['failed', code]);
  }
  const { status, body } = await person.upload('letter.pdf', '<!DOCTYPE html><p>Not found</p>');
  assert.deepEqual([status, body.code], [422, 'content_mismatch']);
});

test('pages that unpack to too much are rejects within the memory of a parser, and the others are read', async () => {
  const objects = [deflatedBody('', Buffer.alloc(400 << 20, ' '))];
  const bomb = { content: '', entries: '/Contents 4 0 R' };
  const pages = [{ content: text(60, 700, 'Before') }, bomb, bomb, bomb, { content: text(60, 700, 'Behind') }];
  const { body, text: answer } = await person.parsed('bomb.pdf', writePdf(pages, { objects }));
  assert.equal(body.status, 'ready', answer);
  assert.deepEqual(
    body.rows.map((row: { text: string }) => row.text),
    ['Before', 'Behind'],
  );
  assert.equal(body.datasets[0].reject_count, 3);
});
