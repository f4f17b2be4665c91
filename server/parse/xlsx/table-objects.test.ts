import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTables } from '../../../test/helpers/read-tables.ts';
import { MAIN_NAMESPACE, sheetXml, xlsxParts } from '../../../test/helpers/xlsx-writer.ts';
import { writeZip } from '../../../test/helpers/zip-writer.ts';
import { xlsxFormat } from '../xlsx.ts';
import { columnLetters } from './references.ts';

const RELATIONSHIPS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** A sheet with these texts from A1 on (`''` for no cell) and tables, each as `name ref attributes: columns`. */
function book(grid: readonly (readonly string[])[], tables: readonly string[]): Buffer {
  const rows = grid.map((cells, index) => {
    const filled = cells.map((text, column) => {
      const at = `${columnLetters(column)}${index + 1}`;
      return text && `<c r="${at}" t="inlineStr"><is><t>${text}</t></is></c>`;
    });
    return `<row r="${index + 1}">${filled.join('')}</row>`;
  });
  const links = tables.map(
    (_, index) => `<Relationship Id="r${index}" Type="${OFFICE}/table" Target="../tables/table${index}.xml"/>`,
  );
  const parts = tables.map((said, index) => {
    const [name, ref, attributes, columns] = /^(\S+) (\S+) ?([^:]*): ?(.*)$/.exec(said)!.slice(1) as string[];
    const listed = columns!.split(',').map((column) => `<tableColumn name="${column}"/>`);
    const inner = `<tableColumns>${listed.join('')}</tableColumns><extLst><ext><x:table xmlns:x="u" ref="A1"/></ext></extLst>`;
    const data = `<table xmlns="${MAIN_NAMESPACE}" name="n" displayName="${name}" ref="${ref}" ${attributes}>${inner}</table>`;
    return { name: `xl/tables/table${index}.xml`, data };
  });
  return writeZip([
    ...xlsxParts({ sheets: [{ name: 'Data', xml: sheetXml(rows.join('')) }] }),
    {
      name: 'xl/worksheets/_rels/sheet1.xml.rels',
      data: `<Relationships xmlns="${RELATIONSHIPS}">${links.join('')}</Relationships>`,
    },
    ...parts,
  ]);
}

async function told(bytes: Buffer) {
  const tables = await readTables(xlsxFormat, bytes);
  return tables.map(({ name, columns, rows, rejects }) => ({
    [name]: [columns, ...rows],
    ...(rejects.length > 0 && { rejects: rejects.map(({ code, row, raw }) => [code, row, raw]) }),
  }));
}

const GRID = [
  ['Sales report', '', '', '', ''],
  ['', '', '', '', ''],
  ['name', 'n', '', 'town', 'm'],
  ['Asha', '1', '', 'Pune', '7'],
  ['Ravi', '', '', 'Goa', '8'],
  ['total', '1', '', 'see note', ''],
];

test('each table of a sheet is a dataset by its name, and so is what stands outside of them', async () => {
  const bytes = book(GRID, ['Towns D3:E5 : town,m', 'Sales A3:B6 totalsRowCount="1": name,n']);
  assert.deepEqual(await told(bytes), [
    {
      Sales: [
        ['name', 'n'],
        ['Asha', '1'],
        ['Ravi', null],
      ],
      rejects: [['totals_row', 6, 'total\t1']],
    },
    {
      Towns: [
        ['town', 'm'],
        ['Pune', '7'],
        ['Goa', '8'],
      ],
    },
    {
      Data: [
        ['Sales report', 'column_2', 'column_3', 'column_4'],
        [null, null, null, 'see note'],
      ],
    },
  ]);
  const [sales] = await readTables(xlsxFormat, bytes);
  assert.deepEqual([sales!.dialect.sheet, sales!.dialect.firstColumn, sales!.dialect.header], ['Data', 'A', true]);
});

test('a sheet that is one table is one dataset', async () => {
  assert.deepEqual(
    (
      await told(
        book(
          GRID.slice(2, 5).map((cells) => cells.slice(3)),
          ['Towns A1:B3 : town,m'],
        ),
      )
    ).map(Object.keys),
    [['Towns']],
  );
});

test('a table whose header is hidden has its names all the same', async () => {
  const grid = [
    ['Asha', '1'],
    ['Ravi', '2'],
  ];
  assert.deepEqual(await told(book(grid, ['T A1:B2 headerRowCount="0": name,n'])), [{ T: [['name', 'n'], ...grid] }]);
});

test('a table that says something impossible is none, and its cells are the sheet’s', async () => {
  const grid = [
    ['a', 'b'],
    ['x', 'y'],
  ];
  for (const impossible of [
    'T A1:B2 : a',
    'T A0:B2 : a,b',
    'T B2 : b,c',
    'T A1:B1048577 : a,b',
    'T A1:B1 totalsRowCount="5": a,b',
    'T A1:B2 headerRowCount="x": a,b',
  ]) {
    assert.deepEqual(await told(book(grid, [impossible])), [{ Data: grid }], impossible);
  }
  assert.deepEqual(await told(book(grid, ['One A1:B2 : a,b', 'Two B2:B2 headerRowCount="0": b'])), [{ One: grid }]);
  assert.deepEqual((await told(book(grid, new Array<string>(101).fill('T A1:B2 : a,b')))).map(Object.keys), [['Data']]);
});

test('a long table beside another one comes whole, in batches', async () => {
  const grid = Array.from({ length: 3000 }, (_, n) => (n === 0 ? ['n', 'square'] : [`${n}`, n < 5 ? `${n * n}` : '']));
  const tables = await readTables(xlsxFormat, book(grid, ['N A1:A3000 : n', 'Squares B1:B5 : square']));
  assert.deepEqual(
    tables.map(({ name, rows }) => [name, rows.length, rows.at(-1)]),
    [
      ['N', 2999, ['2999']],
      ['Squares', 4, ['16']],
    ],
  );
});
