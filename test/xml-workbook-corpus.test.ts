import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Problem } from '../server/core/problem.ts';
import { xlsFormat } from '../server/parse/xls.ts';
import { readTables } from './helpers/read-tables.ts';

/**
 * Each folder of `test/corpus/xml-workbook` is a workbook in XML as some program writes it: `input.xls`, what is special
 * about it (`why.md`), and what the reader makes of it (`expected.json`), refreshed by `UPDATE=1` only.
 */
const folder = join(import.meta.dirname, 'corpus/xml-workbook');

for (const name of readdirSync(folder).sort()) {
  const path = (file: string) => join(folder, name, file);
  test(`xml workbook corpus: ${name}: ${readFileSync(path('why.md'), 'utf8').split('\n')[0]}`, async () => {
    const result = await outcome(readFileSync(path('input.xls')));
    if (process.env.UPDATE === '1') writeFileSync(path('expected.json'), `${JSON.stringify(result, null, 2)}\n`);
    assert.deepEqual(result, JSON.parse(readFileSync(path('expected.json'), 'utf8')));
  });
}

async function outcome(bytes: Buffer): Promise<object> {
  try {
    return { tables: await readTables(xlsFormat, bytes, { name: 'input.xls' }) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { code: error.code, detail: error.detail };
  }
}
