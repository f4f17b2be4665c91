import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { newPerson } from '../helpers/client.ts';
import { inventedPeople } from '../helpers/people-workbook.ts';
import { startService } from '../helpers/service.ts';

const service = await startService({ SUPPORTED_FORMATS: 'json,xml' });
after(() => service.stop());
const person = await newPerson(service.url);
const people = inventedPeople(30);
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const row = ({ name, aadhaar }: (typeof people)[number]) =>
  `<person id="${aadhaar}"><name>${escaped(name)}</name><card><number>${aadhaar}</number></card></person>`;

test('repeated elements are rows, and Aadhaar numbers in elements and attributes are sealed and nowhere plain', async () => {
  const document = `<?xml version="1.0"?>\n<people>${people.map(row).join('\n')}</people>`;
  const { body, text } = await person.parsed('people.xml', document);
  assert.deepEqual([body.status, body.file_type, body.row_count], ['ready', 'xml', 30], JSON.stringify(body.error));
  assert.equal(body.datasets[0].name, 'people/person');
  for (const [index, { name, aadhaar }] of people.entries()) {
    assert.equal(body.rows[index].name, name);
    assert.match(body.rows[index]['card.number'], /^gAAAA/);
    assert.match(body.rows[index]['@id'], /^gAAAA/);
    assert.ok(!text.includes(aadhaar));
  }
  const stored = readdirSync(service.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  for (const bytes of [...stored, Buffer.from(service.stdout() + service.stderr())]) {
    for (const { aadhaar } of people) assert.ok(!bytes.includes(aadhaar));
  }
});

test('rows= says which elements are rows', async () => {
  const document = '<orders><order><item>a</item><item>b</item></order><order><item>c</item></order></orders>';
  const fields = { rows: '/orders/order/item' };
  const { body } = await person.parsed('orders.xml', document, { fields });
  assert.deepEqual([body.status, body.row_count, body.rows[2].item], ['ready', 3, 'c'], JSON.stringify(body.error));
  const refused = await person.upload('orders.xml', document, { fields: { rows: 'orders//item' } });
  assert.deepEqual([refused.status, refused.body.code], [400, 'invalid_request']);
});

test('a document that is not well-formed, or declares entities, fails with the reason and nothing of its text', async () => {
  const entities = '<!DOCTYPE l [<!ENTITY a "SECRET"><!ENTITY b "&a;&a;&a;&a;">]><l><p>&b;</p><p/></l>';
  for (const content of ['<people><person>SECRET</people>', entities, `${'<a>'.repeat(1_000_000)}SECRET`]) {
    const { body, text } = await person.parsed('bad.xml', content);
    assert.deepEqual([body.status, body.error.code], ['failed', 'xml_invalid']);
    assert.ok(!text.includes('SECRET'));
  }
});
