import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ColumnProfile } from '../infer/profile.ts';
import { toCsv } from './export.ts';
import type { CellValue, Page } from './query.ts';

const profile = (name: string, type: string) => ({ name, type }) as ColumnProfile;

async function csv(
  columns: ColumnProfile[],
  rows: CellValue[][],
  formulas: 'escape' | 'keep' = 'escape',
): Promise<string> {
  async function* pages(): AsyncGenerator<Page> {
    for (const cells of rows.length === 0 ? [[]] : rows) {
      const names = columns.map(({ name }) => name);
      yield { columns: names, rows: rows.length === 0 ? [] : [{ n: 1, cells }], total: rows.length };
    }
  }
  let text = '';
  for await (const piece of toCsv(pages(), columns, { formulas })) text += piece;
  return text;
}

const text = profile('note', 'text');
const number = profile('amount', 'decimal');

test('the header comes first, once, and stands alone where there are no rows', async () => {
  assert.equal(await csv([text, number], []), 'note,amount\r\n');
  assert.equal(
    await csv(
      [text, number],
      [
        ['a', 1],
        ['b', 2.5],
      ],
    ),
    'note,amount\r\na,1\r\nb,2.5\r\n',
  );
});

test('quotes, commas and line breaks are quoted, and absent cells are told from empty texts', async () => {
  assert.equal(
    await csv(
      [text, text],
      [
        ['a "b", c\nd', null],
        ['', 'x'],
      ],
    ),
    'note,note\r\n"a ""b"", c\nd",\r\n"",x\r\n',
  );
  assert.equal(await csv([text], [[null]]), 'note\r\n""\r\n');
});

test('a text that a spreadsheet would run is made harmless, a negative number is not touched', async () => {
  for (const start of ['=', '+', '-', '@', '\t']) {
    assert.equal(await csv([text, number], [[`${start}1+1`, -5]]), `note,amount\r\n'${start}1+1,-5\r\n`);
  }
  assert.equal(await csv([text, number], [['=1+1', -5]], 'keep'), 'note,amount\r\n=1+1,-5\r\n');
});

test('a header that a spreadsheet would run is made harmless', async () => {
  assert.equal(await csv([profile('=cmd()', 'text')], []), "'=cmd()\r\n");
});
