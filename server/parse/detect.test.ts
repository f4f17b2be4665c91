import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { libraryBook } from '../../test/helpers/library-book.ts';
import { writeSheet } from '../../test/helpers/xlsx-writer.ts';
import { writeZip } from '../../test/helpers/zip-writer.ts';
import { contentOf, HEAD_BYTES } from './content.ts';
import { detectType, typesNamed } from './detect.ts';

const ALL = ['csv', 'xlsx', 'xls', 'pdf', 'json', 'parquet', 'xml'];
const CSV = 'name,city\nAsha,Pune\n';
const PDF = '%PDF-1.7\n%\xe2\xe3';
const PARQUET = 'PAR1\x15\0';
const XLSX = writeSheet('<row><c><v>1</v></c></row>');
const ODS = writeZip([
  { name: 'mimetype', data: 'application/vnd.oasis.opendocument.spreadsheet', method: 'stored' },
  { name: 'content.xml', data: '' },
]);
const XLS = libraryBook('biff8', [{ name: 's', rows: [['a']] }]);
const XML_BOOK = '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook/>';
const BARE_XML_BOOK =
  '<!-- <made> by a program --><ss:Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:html="h">';

function detect(filename: string, content: string | Buffer, more: { as?: string; mediaType?: string } = {}) {
  const head = Buffer.from(content as string, 'latin1').subarray(0, HEAD_BYTES);
  return detectType({ filename, mediaType: '', head, ...more }, ALL);
}

const refused = (code: string, filename: string, content: string | Buffer, more: { as?: string } = {}) =>
  assert.throws(() => detect(filename, content, more), { code }, `${filename} ${content.slice(0, 20)}`);

describe('a name that says what the file is', () => {
  test('is believed where the content does not contradict it', () => {
    for (const [filename, content, type] of [
      ['a.csv', CSV, 'csv'],
      ['a.CSV', '', 'csv'],
      ['a.tsv', 'name\tcity\nAsha\tPune\n', 'csv'],
      ['a.TAB.gz', gzipSync('name\tcity\nAsha\tPune\n'), 'csv'],
      ['a.txt', '{"a":1}', 'txt'],
      ['a.json', '[1]', 'json'],
      ['a.jsonl', '{"a":1}\n{"a":2}', 'json'],
      ['a.json', 'no json at all', 'json'],
      ['a.pdf', PDF, 'pdf'],
      ['a.pdf', `junk before ${PDF}`, 'pdf'],
      ['a.xlsx', XLSX, 'xlsx'],
      ['a.xlsx', XLS, 'xlsx'],
      ['a.ods', ODS, 'ods'],
      ['a.xls', XLS, 'xls'],
      ['a.xls', libraryBook('biff2', [{ name: 's', rows: [['a']] }]), 'xls'],
      ['a.xls', XML_BOOK, 'xls'],
      ['a.XML', XML_BOOK, 'xls'],
      ['a.xml.gz', gzipSync(BARE_XML_BOOK), 'xls'],
      ['a.xls', Buffer.from(`\ufeff${BARE_XML_BOOK}`, 'utf16le'), 'xls'],
      ['a.xml', '<feed xmlns:html="http://www.w3.org/1999/xhtml"/>', 'xml'],
      ['a.parquet', PARQUET, 'parquet'],
      ['a.xml', '<?xml version="1.0"?><a/>', 'xml'],
      ['a.xml', '\xef\xbb\xbf\n<a/>', 'xml'],
      ['a.csv.gz', gzipSync(CSV), 'csv'],
      ['a.json.zst', zstdCompressSync('[1]'), 'json'],
      ['a.xlsx.gz', gzipSync(XLSX), 'xlsx'],
      ['a.zip', writeZip([{ name: 'a.csv', data: CSV }]), 'zip'],
    ] as const) {
      assert.equal(detect(filename, content), type, filename);
    }
  });

  test('is refused with both where the content cannot be that', () => {
    for (const [filename, content, what] of [
      ['a.csv', PDF, /called \.csv.*a PDF document.*as=pdf/],
      ['a.tsv', PDF, /called \.tsv.*a PDF document/],
      ['a.csv', XLSX, /an Excel workbook \(\.xlsx\)/],
      ['a.csv', '<!DOCTYPE html>\n<p>', /an HTML page/],
      ['a.csv', '<!-- x -->\n<html>', /an HTML page/],
      ['a.csv', '[{"name": "Asha"}]', /JSON.*as=json/],
      ['a.csv', '\x89PNG\r\n\x1a\n', /a picture/],
      ['a.csv', gzipSync(CSV), /packed with gzip.*as=auto/],
      ['a.csv.gz', CSV, /not packed with gzip/],
      ['a.csv.gz', zstdCompressSync(CSV), /packed with zstd/],
      ['a.csv.gz', gzipSync(PDF), /a PDF document/],
      ['a.json', '<?xml version="1.0"?><a/>', /an XML document/],
      ['a.pdf', XLS, /legacy Office file/],
      ['a.xlsx', CSV, /delimited text/],
      ['a.xlsx', '', /empty/],
      ['a.xls', XLSX, /an Excel workbook/],
      [
        'a.xls',
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table>',
        /an HTML page\. Open it.*save it as \.xlsx/,
      ],
      ['a.xls', '<?xml version="1.0"?>\n<!-- a > b -->\n<!DOCTYPE html>', /an HTML page\. Open it/],
      ['a.xls', '<meta charset="utf-8"><table border="1">', /an HTML page\. Open it/],
      ['a.xls', CSV, /called \.xls.*delimited text.*as=csv/],
      ['a.xls', '<?xml version="1.0"?><feed/>', /an XML document.*as=xml/],
      ['a.xlsx', XML_BOOK, /called \.xlsx.*a workbook in XML.*as=xls/],
      ['a.csv', BARE_XML_BOOK, /a workbook in XML.*as=xls/],
      ['a.ods', XLS, /legacy Office/],
      ['a.parquet', CSV, /delimited text/],
      ['a.xml', '[{"a": 1}]', /JSON/],
      ['a.zip', CSV, /delimited text/],
    ] as const) {
      const matches = { code: 'content_mismatch', message: what };
      assert.throws(() => detect(filename, content), matches, `${filename} ${what}`);
    }
  });
});

describe('a name that says nothing', () => {
  test('leaves it to content that cannot be mistaken', () => {
    for (const [filename, content, type] of [
      ['report', PDF, 'pdf'],
      ['report.final', PDF, 'pdf'],
      ['data', XLSX, 'xlsx'],
      ['data', ODS, 'ods'],
      ['data.gz', gzipSync('[{"a": 1}]'), 'json'],
      ['data.db', PARQUET, 'parquet'],
      ['feed', '<?xml version="1.0"?><feed/>', 'xml'],
    ] as const) {
      assert.equal(detect(filename, content), type, filename);
    }
  });

  test('and text that could be anything to the media type, or is refused', () => {
    assert.equal(detect('people', CSV, { mediaType: 'text/csv; charset=utf-8' }), 'csv');
    for (const name of ['people', 'people.exe', 'people.gz', 'a.tar.gz']) {
      refused('unsupported_format', name, name.endsWith('.gz') ? gzipSync(CSV) : CSV);
    }
    refused('unsupported_format', 'a', '\x89PNG\r\n\x1a\n');
    refused('unsupported_format', 'a.docx', writeZip([{ name: 'word/document.xml', data: '' }]));
  });
});

describe('as', () => {
  test('says what the file is whatever its name', () => {
    assert.equal(detect('people.dat', CSV, { as: 'csv' }), 'csv');
    assert.equal(detect('people.json', CSV, { as: 'csv' }), 'csv');
    assert.equal(detect('lines.csv', '{"a": 1}', { as: 'csv' }), 'csv');
    assert.equal(detect('people.csv', gzipSync(CSV), { as: 'csv' }), 'csv');
    assert.equal(detect('book.xls', XML_BOOK, { as: 'xml' }), 'xml');
    refused('content_mismatch', 'people.csv', PDF, { as: 'csv' });
  });

  test('auto goes by the content before the name', () => {
    assert.equal(detect('people.csv', PDF, { as: 'auto' }), 'pdf');
    assert.equal(detect('people.csv', gzipSync('[{"a": 1}]'), { as: 'auto' }), 'json');
    assert.equal(detect('people.json', '[1]', { as: 'auto' }), 'json');
    assert.equal(detect('people', CSV, { as: 'auto' }), 'csv');
    assert.equal(detect('book.csv', XML_BOOK, { as: 'auto' }), 'xls');
    refused('content_mismatch', 'people.csv', '\x89PNG\r\n\x1a\n', { as: 'auto' });
  });
});

test('a kind that the operator does not allow is refused, however it is said', () => {
  const head = Buffer.from(PARQUET, 'latin1');
  for (const as of [undefined, 'auto', 'parquet']) {
    const detecting = () => detectType({ filename: 'a.parquet', mediaType: '', head, as }, ['csv']);
    assert.throws(detecting, { code: 'unsupported_format', message: /\.csv \.txt \.zip.*SUPPORTED_FORMATS/ });
  }
});

test('the kinds that the operator allows are written in any case and as endings; another word is no kind', () => {
  assert.deepEqual(typesNamed(['csv', 'XLSX', '.json', 'tsv']), ['csv', 'xlsx', 'json', 'csv']);
  assert.throws(() => typesNamed(['csv', 'exel']), { code: 'config_invalid', message: /names exel.*xlsx/ });
});

test('an archive inside of a packed file is refused', () => {
  refused('unsupported_format', 'a.csv.gz', gzipSync(gzipSync(CSV)));
  refused('unsupported_format', 'a.zip.gz', gzipSync(writeZip([])));
});

test('a head of comments that never end is looked at in no time', () => {
  const start = performance.now();
  detect('a.csv', '<!---->'.repeat(600), { as: 'csv' });
  detect('a.csv', `<${'?><'.repeat(1300)}`, { as: 'csv' });
  assert.ok(performance.now() - start < 1000);
});

test('a packed head that unpacks to very much costs neither time nor memory', () => {
  const bomb = zstdCompressSync(Buffer.alloc(500 << 20));
  const before = performance.now();
  assert.equal(detect('a.csv.zst', bomb), 'csv');
  assert.ok(performance.now() - before < 500);
});

test('text in UTF-16 is looked at as text', () => {
  assert.equal(contentOf(Buffer.from('\ufeff<?xml version="1.0"?>', 'utf16le')).type, 'xml');
  assert.equal(contentOf(Buffer.from('<html>', 'utf16le')).name, 'an HTML page');
  assert.equal(contentOf(Buffer.from('a;b', 'utf16le')).name, 'delimited text (CSV)');
});
