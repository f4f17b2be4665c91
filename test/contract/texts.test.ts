import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inventedAadhaars } from '../helpers/aadhaar.ts';
import { newPerson } from '../helpers/client.ts';
import { text, writePdf } from '../helpers/pdf-writer.ts';
import { startService } from '../helpers/service.ts';

const service = await startService();
after(() => service.stop());
const person = await newPerson(`${service.url}/v1`);
const CARD = '4111 1111 1111 1111';
const [aadhaar] = inventedAadhaars(1);
const grouped = aadhaar!.replace(/(\d{4})(?=\d)/g, '$1 ');

interface Told {
  readonly name: string;
  readonly [fact: string]: unknown;
}

/** The columns of the first dataset called `name`, or of the first one. */
function columnsOf(body: { datasets: { name: string; dataset_id: string; columns: Told[] }[] }, name?: string) {
  const dataset = body.datasets.find((one) => name === undefined || one.name === name)!;
  return { id: dataset.dataset_id, column: (wanted: string) => dataset.columns.find((one) => one.name === wanted)! };
}

test('remarks with an identifier in one of them are sealed, and at level mask all but the identifier can be read', async () => {
  const csv = `id,remark\n1,called back\n2,"my card is ${CARD}, thanks"\n3,ok\n`;
  const { body, text: answer } = await person.parsed('remarks.csv', csv);
  assert.equal(body.status, 'ready', answer);
  const { id, column } = columnsOf(body);
  assert.deepEqual([column('remark').sealed, column('remark').sealed_by], [true, 'detected']);
  assert.deepEqual(column('remark').sensitive, {
    ...{ kind: 'text_with_identifiers', share: 1 / 3, header: false, decision: 'seal' },
    within: [{ kind: 'payment_card', cells: 1, decision: 'seal' }],
  });
  assert.ok(!answer.includes('1111 1111 1111'));
  const masked = await person.get(`/datasets/${id}/rows?level=mask`);
  assert.deepEqual(
    masked.body.rows.map(({ remark }: Told) => remark),
    ['called back', 'my card is XXXX XXXX XXXX 1111, thanks', 'ok'],
  );
  const plain = await person.parsed('remarks.csv', csv, { fields: { plain: 'remark' } });
  assert.equal(columnsOf(plain.body).column('remark').sealed, false);
});

test('identifiers in nested JSON and in the text of a PDF lie on the disk nowhere in plain', async () => {
  const json = await person.parsed(
    'a.json',
    JSON.stringify([{ list: [{ no: `${aadhaar}`, says: 'aadhaar' }] }, { list: [`aadhaar ${aadhaar}`] }]),
  );
  assert.equal(columnsOf(json.body).column('list').sealed, true, json.text);
  const pdf = await person.parsed('a.pdf', writePdf([{ content: text(60, 700, `Aadhaar ${grouped} was shown`) }]));
  const { column, id } = columnsOf(pdf.body, 'text');
  assert.equal(column('text').sealed, true, pdf.text);
  const masked = await person.get(`/datasets/${id}/rows?level=mask`);
  assert.equal(masked.body.rows[0].text, `Aadhaar XXXX-XXXX-${aadhaar!.slice(-4)} was shown`);
  const stored = readdirSync(service.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  for (const bytes of [...stored, Buffer.from(service.stdout() + service.stderr())]) {
    assert.ok(!bytes.includes(aadhaar!) && !bytes.includes(grouped));
  }
});

test('columns tell how their values are written, and give them as what they stand for', async () => {
  const csv =
    'price;rate;day;start;took;host;open\n"1.234,50 €";5 %;31.12.2024;9:30 PM;26:30:15;10.0.0.2;1,234\n7 €;12,5 %;01.02.2024;08:00;0:00:30;9.1.100.1;5\n';
  const { body, text: answer } = await person.parsed('sales.csv', csv);
  assert.equal(body.status, 'ready', answer);
  const { id, column } = columnsOf(body);
  const fact = (name: string, ...facts: string[]) => facts.map((one) => column(name)[one]);
  assert.deepEqual(fact('price', 'type', 'unit', 'decimal_mark'), ['currency', 'EUR', ',']);
  assert.deepEqual(fact('rate', 'type', 'unit', 'decimal_mark'), ['percentage', '%', ',']);
  assert.deepEqual(fact('day', 'type', 'date_order'), ['date', 'dmy']);
  assert.deepEqual(fact('open', 'type', 'ambiguous'), ['text', 'decimal_mark']);
  const [first] = body.rows;
  assert.deepEqual(first, {
    ...{ price: 1234.5, rate: 5, day: '2024-12-31', start: '21:30:00', took: 'PT26H30M15S', host: '10.0.0.2' },
    open: '1,234',
  });
  const cheap = await person.post(`/datasets/${id}/query`, {
    where: [{ column: 'price', op: 'lt', value: '100,00 €' }],
    sort: [{ column: 'host' }],
  });
  assert.equal(cheap.body.rows[0].price, 7);
  const raw = await person.get(`/datasets/${id}/rows?raw=true`);
  assert.deepEqual([raw.body.rows[0].price, raw.body.rows[0].took], ['1.234,50 €', '26:30:15']);
});
