import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { FileType } from '../../server/parse/format.ts';
import { libraryBook } from '../../test/helpers/library-book.ts';
import { writeSheet } from '../../test/helpers/xlsx-writer.ts';
import { writeZip } from '../../test/helpers/zip-writer.ts';

/** A file to change. */
export interface Seed {
  readonly name: string;
  readonly bytes: Buffer;
}

const CORPUS = join(import.meta.dirname, '../../test/corpus');
const MAX_BYTES = 200_000;
const ENDINGS: Partial<Record<FileType, readonly string[]>> = {
  csv: ['.csv', '.txt', '.tsv'],
  json: ['.json', '.ndjson', '.jsonl'],
};
const CSV = 'name,city,n\nAsha,Pune,1.50\n"Ravi, Jr",Kochi,2024-01-31\n';
const XML =
  '<?xml version="1.0"?><l a="1"><p id="1"><n x="y">A</n><t>1</t><t>2</t></p><p><n/><![CDATA[<]]></p><q/><q/></l>';
const rows: (string | number | boolean | null)[][] = [
  ['name', 'n', 'd'],
  ['Asha', 1.5, '2024-01-31'],
  ['Ravi', true, null],
];

/** The seeds of a kind: those of the tests, and all files of its endings in `folders`, up to 200 kB. */
export function seedsOf(type: FileType, folders: readonly string[]): Seed[] {
  const endings = ENDINGS[type] ?? [`.${type}`];
  const found = [join(CORPUS, type), ...folders].flatMap((folder) => filesIn(folder, endings));
  return [...made(type), ...found];
}

function filesIn(folder: string, endings: readonly string[]): Seed[] {
  try {
    const names = readdirSync(folder, { recursive: true }).map(String);
    const paths = names
      .filter((name) => endings.includes(extname(name).toLowerCase()))
      .map((name) => join(folder, name));
    const small = paths.filter((path) => statSync(path).isFile() && statSync(path).size <= MAX_BYTES);
    return small.map((path) => ({ name: path, bytes: readFileSync(path) }));
  } catch {
    return [];
  }
}

function made(type: FileType): Seed[] {
  const book = (kind: 'xlsx' | 'biff8' | 'ods' | 'xlsb') =>
    libraryBook(kind, [
      { name: 'people', rows },
      { name: 'b', rows },
    ]);
  const text = (content: string) => Buffer.from(content);
  const seeds: Partial<Record<FileType, Buffer[]>> = {
    csv: [text(CSV), gzipSync(CSV), zstdCompressSync(CSV)],
    json: [text('[{"a":1,"b":{"c":[1,2]}},{"a":null}]')],
    xlsx: [
      book('xlsx'),
      writeSheet('<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row><row><c><v>1</v></c></row>'),
    ],
    xlsb: [book('xlsb')],
    xls: [book('biff8')],
    ods: [book('ods')],
    xml: [text(XML)],
    zip: [
      writeZip([
        { name: 'a.csv', data: CSV },
        { name: 'b/c.json', data: '[{"a":1}]' },
        { name: 'd.csv.gz', data: gzipSync(CSV) },
      ]),
    ],
  };
  return (seeds[type] ?? []).map((bytes, i) => ({ name: `made ${type} ${i}`, bytes }));
}
