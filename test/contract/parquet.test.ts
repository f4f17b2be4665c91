import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { newPerson } from '../helpers/client.ts';
import { startService } from '../helpers/service.ts';

const service = await startService({ SUPPORTED_FORMATS: 'csv,parquet' });
after(() => service.stop());
const person = await newPerson(service.url);
const file = (name: string) => readFileSync(join(import.meta.dirname, '../corpus/parquet', name, 'input.parquet'));

test('a Parquet file is parsed under the parser’s permissions, nested values as JSON and groups as columns', async () => {
  const { body } = await person.parsed('people.parquet', file('nested-nullable'));
  assert.deepEqual([body.status, body.file_type, body.row_count], ['ready', 'parquet', 7], JSON.stringify(body.error));
  assert.equal(body.rows[0].int_array_Array, '[[1,2],[3,4]]');
  assert.equal(body.rows[0]['nested_struct.A'], 1);
  assert.equal(body.rows[1]['nested_struct.A'], null);
});

test('a column named in seal= is sealed, and a packed file is read as what is in it', async () => {
  const { body } = await person.parsed('all.parquet.gz', gzipSync(file('all-types')), {
    fields: { seal: 'string_col' },
  });
  assert.deepEqual([body.status, body.file_type, body.row_count], ['ready', 'parquet', 8], JSON.stringify(body.error));
  for (const row of body.rows) assert.match(row.string_col, /^gAAAA/);
});

test('what is encrypted, damaged or no Parquet fails with the reason', async () => {
  const whole = file('all-types');
  for (const [content, code] of [
    [file('encrypted-columns'), 'parquet_encrypted'],
    [whole.subarray(0, 1000), 'parquet_corrupt'],
    [file('checksum-wrong'), 'parquet_corrupt'],
  ] as const) {
    const { body } = await person.parsed('x.parquet', content);
    assert.deepEqual([body.status, body.error?.code], ['failed', code]);
  }
  const { status, body } = await person.upload('x.parquet', 'name,city\n');
  assert.deepEqual([status, body.code], [422, 'content_mismatch']);
});
