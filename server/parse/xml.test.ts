import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readTables, roomyLimits } from '../../test/helpers/read-tables.ts';
import type { ReadOptions } from './format.ts';
import { xmlFormat } from './xml.ts';

type Options = Partial<ReadOptions> & { chunkBytes?: number };

const read = (document: string | Buffer, options: Options = {}) =>
  readTables(xmlFormat, Buffer.from(document as string), { name: 'a.xml', ...options });

/** The tables as lists: name, columns, rows. */
async function tables(document: string | Buffer, options: Options = {}) {
  return (await read(document, options)).map(({ name, columns, rows }) => [name, columns, ...rows]);
}

const refused = (document: string | Buffer, code: string, options: Options = {}) =>
  assert.rejects(read(document, options), { code }, String(document).slice(0, 80));

describe('what are rows', () => {
  test('the outermost elements that come again in one parent', async () => {
    assert.deepEqual(
      await tables('<people><person><name>Asha</name></person><person><name>Ravi</name></person></people>'),
      [['people/person', ['name'], ['Asha'], ['Ravi']]],
    );
    const deep = '<a><b><c><row><x>1</x></row><row><x>2</x></row></c></b></a>';
    assert.deepEqual(await tables(deep), [['a/b/c/row', ['x'], ['1'], ['2']]]);
  });

  test('each kind of them a table, and what is in no row one row of a last table', async () => {
    const document = `<shop name="Intakt"><made>2026</made>
      <item id="1"/><sale><sum>5</sum></sale><item id="2"/><sale><sum>7</sum></sale></shop>`;
    assert.deepEqual(await tables(document), [
      ['shop/item', ['@id'], ['1'], ['2']],
      ['shop/sale', ['sum'], ['5'], ['7']],
      ['a.xml', ['shop.@name', 'shop.made'], ['Intakt', '2026']],
    ]);
  });

  test('a document in which nothing comes again is one row', async () => {
    const document = '<order id="7"><to><name>Asha</name><city>Pune</city></to></order>';
    const columns = ['order.@id', 'order.to.name', 'order.to.city'];
    assert.deepEqual(await tables(document), [['a.xml', columns, ['7', 'Asha', 'Pune']]]);
  });

  test('those at the path that was told, wherever they stand', async () => {
    const document = `<orders><order><id>1</id><item>a</item><item>b</item></order>
      <order><id>2</id><item>c</item></order></orders>`;
    assert.deepEqual(await tables(document), [['orders/order', ['id', 'item'], ['1', '["a","b"]'], ['2', '["c"]']]]);
    assert.deepEqual(await tables(document, { rows: 'orders/order/item' }), [
      ['orders/order/item', ['item'], ['a'], ['b'], ['c']],
      ['a.xml', ['orders.order'], ['[{"id":"1"},{"id":"2"}]']],
    ]);
    await assert.rejects(read(document, { rows: 'orders/line' }), { code: 'not_a_table', message: /orders\/order/ });
  });
});

describe('cells', () => {
  test('of attributes, of elements in elements, and of texts beside attributes', async () => {
    const row = '<p id="1"><price currency="INR">10.50</price><at><x>1</x><y.z>2</y.z></at></p>';
    assert.deepEqual(await tables(`<l>${row}${row}</l>`), [
      [
        'l/p',
        ['@id', 'price', 'price.@currency', 'at.x', 'at.y\\.z'],
        ...Array(2).fill(['1', '10.50', 'INR', '1', '2']),
      ],
    ]);
  });

  test('of what comes again are JSON, of texts or of objects', async () => {
    const document = `<l><p><t>a</t><t/><t>"b"</t><k n="1"><v>x</v></k></p>
      <p><t>c</t><k n="2"><v>y</v><v>z</v></k><k>text</k></p></l>`;
    assert.deepEqual(await tables(document), [
      [
        'l/p',
        ['t', 'k'],
        ['["a","","\\"b\\""]', '[{"@n":"1","v":["x"]}]'],
        ['["c"]', '[{"@n":"2","v":["y","z"]},"text"]'],
      ],
    ]);
  });

  test('keep their text as it stands, with references and CDATA resolved and white space between elements left out', async () => {
    const document = `<l>
      <p> two  spaces </p>
      <p>&lt;&amp;&#x41;&#66;&quot;</p>
      <p><![CDATA[<not> &amp; markup]]> and more</p>
      <p>line\r\nbreak</p>
      <p>a<!-- not this -->b<?nor this?>c</p></l>`;
    const [table] = await read(document);
    assert.deepEqual(table!.rows.flat(), [
      ' two  spaces ',
      '<&AB"',
      '<not> &amp; markup and more',
      'line\nbreak',
      'abc',
    ]);
  });

  test('of an empty element are the empty text; of one that is missing or nil they are absent', async () => {
    const nil = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
    const document = `<l ${nil}><p><a/><b>1</b></p><p><a></a></p><p><a xsi:nil="true"/><b>2</b></p></l>`;
    assert.deepEqual(await tables(document), [['l/p', ['a', 'b'], ['', '1'], ['', null], [null, '2']]]);
  });

  test('of mixed content are the texts of the element itself, beside those of its elements', async () => {
    const document = '<l><p>Hello <b>Asha</b>!</p><p>Bye</p></l>';
    assert.deepEqual(await tables(document), [['l/p', ['p', 'b'], ['Hello !', 'Asha'], ['Bye', null]]]);
  });

  test('of mixed content do not run two words into one where an element stood, but at a comment they are one', async () => {
    const document = '<l><p>ABCPE1234F<br/>more<br/>, less<!-- x -->on<![CDATA[e]]></p><p>x</p></l>';
    const [[, , first]] = (await tables(document)) as [[string, string[], string[]]];
    assert.deepEqual(first, ['ABCPE1234F more, lessone', '["",""]']);
  });

  test('of names with prefixes keep them, and what declares them is no cell', async () => {
    const document = '<a:l xmlns:a="urn:x" xmlns="urn:y"><a:p><n>1</n></a:p><a:p a:k="2"/></a:l>';
    assert.deepEqual(await tables(document), [['a:l/a:p', ['@a:k', 'n'], [null, '1'], ['2', null]]]);
  });

  test('whose names hash to the same are told apart', async () => {
    assert.deepEqual(await tables('<l><p Aa="1" BB="2"><Cc>3</Cc><DD>4</DD></p><p/></l>'), [
      ['l/p', ['p', '@Aa', '@BB', 'Cc', 'DD'], [null, '1', '2', '3', '4'], ['', null, null, null, null]],
    ]);
  });

  test('that are too long are rejects, and their rows are read', async () => {
    const [table] = await read(`<l><p><a>${'x'.repeat(50)}</a><b>1</b></p><p><b>2</b></p></l>`, {
      limits: { ...roomyLimits, cellLength: 20 },
    });
    assert.deepEqual(table!.rows, [
      [null, '1'],
      [null, '2'],
    ]);
    assert.deepEqual([table!.rejects[0]!.row, table!.rejects[0]!.code], [1, 'cell_too_large']);
    assert.equal(table!.rejects[0]!.raw, 'x'.repeat(50));
  });
});

describe('the encoding', () => {
  const document = (label: string) => `<?xml version="1.0" encoding="${label}"?><l><p>Žofie é</p><p>b</p></l>`;

  test('is the one that is declared, marked or given', async () => {
    const expected = [['l/p', ['p'], ['Žofie é'], ['b']]];
    assert.deepEqual(await tables(document('UTF-8')), expected);
    assert.deepEqual(await tables(Buffer.from(`\ufeff${document('UTF-16')}`, 'utf16le')), expected);
    assert.deepEqual(await tables(Buffer.from(document('utf-16'), 'utf16le')), expected);
    const latin2 = Buffer.from(document('ISO-8859-2').replace('Ž', '\xae'), 'latin1');
    assert.deepEqual(await tables(latin2), expected);
    const wrong = Buffer.from(document('UTF-8').replace('Ž', '\xae'), 'latin1');
    assert.deepEqual(await tables(wrong, { encoding: 'iso-8859-2' }), expected);
  });

  test('that is not known or does not hold is refused', async () => {
    await refused(document('x-nothing'), 'encoding_invalid');
    await refused(Buffer.from(document('utf-8'), 'latin1'), 'xml_invalid');
  });
});

describe('a document is refused', () => {
  test('that is not well-formed', async () => {
    for (const bad of [
      '<a>',
      '<a></b>',
      '<a><b></a></b>',
      '<a/><b/>',
      'text',
      '<a x=1/>',
      '<a x="1" x="2"/>',
      '<a>&x;</a>',
      '<0/>',
      '<a -b="1"/>',
      '',
    ]) {
      await refused(bad, 'xml_invalid');
    }
  });

  test('that declares a document type, and no entity is expanded', async () => {
    const bomb = '<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><l>&b;</l>';
    await refused(bomb, 'xml_invalid');
    await refused('<!DOCTYPE l SYSTEM "file:///etc/passwd"><l/>', 'xml_invalid');
  });

  test('that is nested too deep, has too many different elements, or holds nothing', async () => {
    await refused('<a>'.repeat(100_000), 'xml_invalid');
    await refused(`<l>${Array.from({ length: 30_000 }, (_, i) => `<n${i}/>`).join('')}</l>`, 'too_many_columns');
    await refused(`<l>${Array.from({ length: 1600 }, (_, i) => `<n${i}/>`).join('')}</l>`, 'too_many_columns');
    await refused('<l xmlns="x"><p xmlns="y"> </p></l>', 'not_a_table');
    await refused(`<l>${Array.from({ length: 101 }, (_, i) => `<n${i}/><n${i}/>`).join('')}</l>`, 'not_a_table');
  });

  test('that has more rows or cells than are allowed', async () => {
    const document = `<l>${'<p><a>1</a></p>'.repeat(2000)}</l>`;
    await refused(document, 'too_many_rows', { limits: { ...roomyLimits, rows: 1999 } });
    await refused(document, 'too_many_cells', { limits: { ...roomyLimits, cells: 1999 } });
  });
});

test('a document cut into chunks of any size gives the same', async () => {
  const document = `<l>${'<p id="7"><a>žluť &amp; x</a><b/><b>2</b></p>'.repeat(300)}</l>`;
  const whole = await read(document);
  for (const chunkBytes of [1, 3, 64]) assert.deepEqual(await read(document, { chunkBytes }), whole);
  assert.equal(whole[0]!.rows.length, 300);
});

test('a row of very much is refused and not held', async () => {
  const document = `<l><p>${'<a>1234567890</a>'.repeat(200_000)}</p><p/></l>`;
  const [table] = await read(document);
  assert.equal(table!.rejects[0]!.code, 'cell_too_large');
  await refused(`<l><p>${'<a>1234567890</a>'.repeat(1_800_000)}</p><p/></l>`, 'cell_too_large');
});
