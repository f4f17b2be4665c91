import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { newPerson } from '../helpers/client.ts';
import { startService } from '../helpers/service.ts';

const service = await startService();
after(() => service.stop());
const person = await newPerson(service.url);

const PAN = 'ABCPE1234F';

/** What everybody who may read is told of a file, parsed and read without revealing. */
async function shown(name: string, content: string, fields: Record<string, string> = {}) {
  const { body } = await person.parsed(name, content, { fields });
  assert.equal(body.status, 'ready', JSON.stringify(body.error));
  const [{ dataset_id: id }] = body.datasets;
  const [dataset, rejects, rows] = await Promise.all(
    ['', '/rejects', '/rows'].map(async (path) => (await person.get(`/datasets/${id}${path}`)).body),
  );
  const all = JSON.stringify([body, dataset, rejects, rows]);
  assert.ok(!all.includes(PAN), all);
  return { columns: dataset.columns.map((column: { name: string }) => column.name), rejects, total: rows.total };
}

test('a file without a header does not show its first row as names', async () => {
  const { columns, total } = await shown('people.csv', `${PAN},Asha\nDEFPG1234H,Ravi\nGHIPK1234L,Meera\n`);
  assert.deepEqual([columns, total], [['column_1', 'column_2'], 3]);
});

test('a first row of texts above numbers does not become a line of the header', async () => {
  const rows = `Asha,visa ${PAN},none,open\n${'Ravi,5,6,7\n'.repeat(3)}`;
  const { columns, total } = await shown('people.csv', `name,pan,amount,state\n${rows}`);
  assert.deepEqual([columns, total], [['name', 'pan', 'amount', 'state'], 4]);
});

test('identifiers in what the sender calls a header are masked, and a reject keeps them', async () => {
  const { columns, rejects } = await shown('people.csv', `id,${PAN}\n1,2\n`, { header: 'present' });
  assert.deepEqual(columns, ['id', 'XXXXXXX34X']);
  assert.deepEqual([rejects.total, rejects.items[0].code, rejects.items[0].column], [1, 'identifier_in_name', 2]);
});

test('identifiers in the keys of JSON are masked', async () => {
  const { columns } = await shown('people.json', JSON.stringify([{ [PAN]: { name: 'Asha' } }]));
  assert.deepEqual(columns, ['XXXXXXX34X.name']);
});
