import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { peopleCsv } from '../../bench/lib/people.ts';
import { type Answer, call, newPerson, type Person, untilOver } from '../helpers/client.ts';
import { startService } from '../helpers/service.ts';
import { storedBlobs } from '../helpers/stored.ts';
import { writeSheet, writeXlsx, xlsxParts } from '../helpers/xlsx-writer.ts';
import { writeZip } from '../helpers/zip-writer.ts';

const MEGABYTE = 1024 * 1024;
const service = await startService({
  PARSER_MEMORY_MB: '256',
  PARSER_TIMEOUT_SECONDS: '10',
  MAX_UNPACKED_BYTES: String(20 * MEGABYTE),
  MAX_CELL_LENGTH: '100000',
  MAX_ROWS: '100000',
  MAX_CELLS: '1000000',
});
const hostile = await newPerson(service.url, 'hostile');
const neighbour = await newPerson(service.url, 'neighbour');

let watching = true;
let answered = 0;
const watch = watchNeighbour(neighbour);
after(async () => {
  watching = false;
  await watch;
  assert.ok(answered > 50, 'somebody else was answered all the time');
  assert.equal(await service.stop(), 0);
});

/** While the files below are parsed, somebody else's requests are answered. @throws AssertionError when one is not. */
async function watchNeighbour(person: Person): Promise<void> {
  while (watching) {
    const answer = await call(`${person.base}/users/me`, {
      headers: person.headers,
      signal: AbortSignal.timeout(10_000),
    });
    assert.equal(answer.status, 200);
    answered++;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const cell = (text: string) => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
const row = (...cells: string[]) => `<row>${cells.map(cell).join('')}</row>`;
const PEOPLE = row('name', 'age') + row('Asha', '31');

/** Is refused at the door for what it is, or ends ready or failed, with a stable code; says `codes` where those alone are right. */
async function over(filename: string, content: string | Uint8Array): Promise<Answer> {
  const sent = await hostile.upload(filename, content);
  if (sent.status !== 202) {
    const refusals = ['415 unsupported_format', '422 content_mismatch'];
    assert.ok(refusals.includes(`${sent.status} ${sent.body.code}`), sent.text);
    return { ...sent, body: { status: 'failed', error: sent.body } };
  }
  const answer = await untilOver(hostile, sent.body.file_id);
  assert.equal(answer.status, 200);
  const { status, error } = answer.body;
  assert.ok(status === 'ready' || status === 'failed');
  if (status === 'failed') {
    assert.match(error.code, /^[a-z]+(_[a-z]+)+$/);
    assert.ok(!['internal', 'parser_died'].includes(error.code), `${filename} failed with ${error.code}`);
    assert.ok(error.detail.length > 10);
  }
  return answer;
}

async function failsWith(codes: string[], filename: string, content: string | Uint8Array): Promise<void> {
  const { body } = await over(filename, content);
  assert.equal(body.status, 'failed', JSON.stringify(body).slice(0, 500));
  assert.ok(codes.includes(body.error.code), `${body.error.code}: ${body.error.detail}`);
}

describe('a hostile workbook', () => {
  test('a part of 100 MB in 100 kB fails with unpacked_too_large', async () => {
    const sheet = `${PEOPLE}${' '.repeat(100 * MEGABYTE)}`;
    await failsWith(['unpacked_too_large'], 'bomb.xlsx', writeSheet(sheet));
  });

  test('a shared string that is a bomb fails with unpacked_too_large or cell_too_large', async () => {
    const strings = `<si><t>${'A'.repeat(50 * MEGABYTE)}</t></si>`;
    const bomb = writeSheet('<row><c t="s"><v>0</v></c></row>', { sharedStrings: strings });
    await failsWith(['unpacked_too_large', 'cell_too_large'], 'strings.xlsx', bomb);
  });

  test('a part that unpacks to more than it claims fails', async () => {
    const lying = xlsxParts({ sheets: [{ rows: `${PEOPLE}${' '.repeat(30 * MEGABYTE)}` }] }).map((part) =>
      part.name.includes('sheet1') ? { ...part, claims: { size: 100 } } : part,
    );
    await failsWith(['workbook_corrupt', 'unpacked_too_large'], 'lying.xlsx', writeZip(lying));
  });

  test('a part that claims to be enormous is not believed, nor is memory taken for it', async () => {
    const lying = xlsxParts({ sheets: [{ rows: PEOPLE }] }).map((part) =>
      part.name.includes('sheet1') ? { ...part, claims: { size: 0xfffffff0 } } : part,
    );
    await over('claims.xlsx', writeZip(lying));
  });

  test('many entries, overlapping parts and a directory that lies fail', async () => {
    const parts = xlsxParts({ sheets: [{ rows: PEOPLE }] });
    const many = Array.from({ length: 5000 }, (_, i) => ({ name: `x/${i}`, data: '' }));
    await over('many.xlsx', writeZip([...parts, ...many]));
    await over('overlap.xlsx', writeZip(parts.map((part) => ({ ...part, claims: { offset: 0 } }))));
    await over('count.xlsx', writeZip(parts, { count: 60_000 }));
  });

  test('a document type with entities is not expanded', async () => {
    const laughs = Array.from({ length: 10 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
    const xml = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">${laughs}<!ENTITY f SYSTEM "file:///etc/passwd">]><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${row('name')}${row('&l10;&f;')}</sheetData></worksheet>`;
    const { body, text } = await over('laughs.xlsx', writeXlsx({ sheets: [{ xml }] }));
    assert.equal(body.status, 'failed');
    assert.doesNotMatch(text, /haha|root:/);
  });

  test('a sheet and columns called __proto__ and constructor are names', async () => {
    const rows = row('__proto__', 'constructor', 'toString') + row('a', 'b', 'c');
    const { body } = await over('proto.xlsx', writeXlsx({ sheets: [{ name: '__proto__', rows }] }));
    assert.equal(body.status, 'ready');
    assert.equal(body.datasets[0].name, '__proto__');
    assert.deepEqual(body.columns, ['__proto__', 'constructor', 'toString']);
    // JSON.parse makes own properties of all three.
    assert.deepEqual(Object.entries(body.rows[0]), [
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['toString', 'c'],
    ]);
  });

  test('16,384 columns fail with too_many_columns, and a cell in the last row and column does not cost a grid', async () => {
    const wide = Array.from({ length: 16_384 }, (_, i) => `c${i}`);
    await failsWith(['too_many_columns'], 'wide.xlsx', writeSheet(row(...wide)));
    await over('corner.xlsx', writeSheet(`${PEOPLE}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>`));
    await over('beyond.xlsx', writeSheet(`${PEOPLE}<row r="99999999999"><c r="ZZZZZZ9"><v>1</v></c></row>`));
  });

  test('more rows or cells than are allowed fail', async () => {
    await failsWith(['too_many_rows'], 'rows.xlsx', writeSheet('<row><c><v>1</v></c></row>'.repeat(150_000)));
    const full = `<row>${'<c><v>1</v></c>'.repeat(50)}</row>`.repeat(25_000);
    await failsWith(['too_many_cells', 'unpacked_too_large'], 'cells.xlsx', writeSheet(full));
  });

  test('cut off at any place it fails', async () => {
    const whole = writeSheet(PEOPLE);
    for (let i = 1; i < 20; i++) {
      const { body } = await over('cut.xlsx', whole.subarray(0, Math.floor((whole.length * i) / 20)));
      assert.equal(body.status, 'failed');
    }
  });

  test('HTML, CSV and an old workbook renamed .xlsx fail and say what they are not', async () => {
    const old = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), randomBytes(4096)]);
    for (const content of ['<html><table><tr><td>1</td></tr></table></html>', 'a,b\n1,2\n', old, '']) {
      const { status, body } = await hostile.upload('fake.xlsx', content);
      if (content !== old) assert.deepEqual([status, body.code], [422, 'content_mismatch']);
      else await failsWith(['content_mismatch', 'workbook_corrupt'], 'fake.xlsx', old);
    }
  });

  test('packed data that is damaged fails', async () => {
    const parts = xlsxParts({ sheets: [{ rows: PEOPLE }] }).map((part) =>
      part.name.includes('sheet1') ? { ...part, packed: deflateRawSync(part.data).fill(0xff, 20, 40) } : part,
    );
    await failsWith(['workbook_corrupt'], 'damaged.xlsx', writeZip(parts));
  });
});

describe('a hostile CSV', () => {
  test('one line of 40 MB', async () => {
    await failsWith(['cell_too_large', 'not_a_table'], 'line.csv', Buffer.alloc(40 * MEGABYTE, 'x'));
    const { body } = await over(
      'second-line.csv',
      Buffer.concat([Buffer.from('a,b\n'), Buffer.alloc(40 * MEGABYTE, 'x')]),
    );
    assert.ok(body.status === 'failed' || body.datasets[0].reject_count === 1);
  });

  test('one line of ten million commas', async () => {
    await failsWith(['too_many_columns'], 'commas.csv', Buffer.alloc(10_000_000, ','));
  });

  test('a quote that never ends costs its own row', async () => {
    const { body } = await over('quote.csv', `a,b\n1,2\n"3,4\n${'5,6\n'.repeat(50_000)}`);
    assert.equal(body.total, 50_001);
    const { body: rejects } = await hostile.get(`/datasets/${body.dataset_id}/rejects`);
    assert.deepEqual([rejects.total, rejects.items[0].code], [1, 'quote_unterminated']);
  });

  test('a quote in the header that never ends is part of the name, and no row is lost', async () => {
    const { body } = await over('quote.csv', `"a,b\n1,2\n${'5,6\n'.repeat(50_000)}`);
    assert.deepEqual([body.total, Object.keys(body.rows[0]), body.rows[0]], [50_001, ['"a', 'b'], { '"a': 1, b: 2 }]);
    const { body: rejects } = await hostile.get(`/datasets/${body.dataset_id}/rejects`);
    assert.equal(rejects.total, 0);
  });

  test('ten million quotes, or only line ends', async () => {
    await over('quotes.csv', Buffer.alloc(10_000_000, '"'));
    await failsWith(['not_a_table'], 'lines.csv', Buffer.alloc(10_000_000, '\n'));
  });

  test('NUL bytes, invalid UTF-8 and lone surrogates do not end the parser', async () => {
    await over('nul.csv', 'a,b\n\0,\0\0\n1,2\n');
    await over('nuls.csv', Buffer.alloc(5_000_000));
    await over('invalid.csv', Buffer.from('612c620a31ff2c32fe0ac328e28281f0908280eda080', 'hex'));
    await over('utf16.csv', Buffer.from('\ufeffa,b\n1,\ud800\n', 'utf16le'));
  });

  test('an empty file fails with not_a_table', async () => {
    await failsWith(['not_a_table'], 'empty.csv', '');
    await failsWith(['not_a_table'], 'bom.csv', '\ufeff');
  });

  test('more rows than are allowed fail with too_many_rows', async () => {
    await failsWith(['too_many_rows'], 'rows.csv', `n\n${'1\n'.repeat(150_000)}`);
  });

  test('columns called __proto__, twice', async () => {
    const { body } = await over('proto.csv', '__proto__,__proto__,hasOwnProperty\n1,2,3\n4,5,6\n');
    assert.equal(body.status, 'ready');
    assert.equal(body.columns.length, 3);
    assert.deepEqual(Object.values(body.rows[0]), [1, 2, 3]);
  });

  test('formulas come back as the text that they are', async () => {
    const { body } = await over('formula.csv', 'cell\n=1+1\n@SUM(A1)\n"=HYPERLINK(""http://x"")"\n');
    assert.deepEqual(
      body.rows.map((each: { cell: string }) => each.cell),
      ['=1+1', '@SUM(A1)', '=HYPERLINK("http://x")'],
    );
  });
});

describe('the caps of a parser process', () => {
  const plain = 'name,age\nAsha,31\n';
  const staged = (dataDir: string) => storedBlobs(dataDir).filter((path) => /^(receiving|staging)/.test(path));

  test('a file that takes longer than PARSER_TIMEOUT_SECONDS fails with parse_timeout', async () => {
    const hasty = await startService({ PARSER_TIMEOUT_SECONDS: '1' });
    const person = await newPerson(hasty.url);
    const people = Buffer.from([...peopleCsv({ bytes: MEGABYTE })].join(''));
    const { body } = await person.parsed('slow.csv', Buffer.concat(Array(40).fill(people)));
    assert.equal(body.error?.code, 'parse_timeout');
    assert.equal((await person.parsed('plain.csv', plain)).body.status, 'ready');
    assert.deepEqual(staged(hasty.dataDir), []);
    await hasty.stop();
  });

  test('a file that takes more than PARSER_MEMORY_MB fails with parse_memory', async () => {
    const tight = await startService({ PARSER_MEMORY_MB: '128' });
    const person = await newPerson(tight.url);
    const strings = Array.from({ length: 800_000 }, (_, i) => `<si><t>${i} ${'x'.repeat(150)}</t></si>`).join('');
    const { body } = await person.parsed(
      'large.xlsx',
      writeSheet(PEOPLE, { sharedStrings: strings, method: 'stored' }),
    );
    assert.equal(body.error?.code, 'parse_memory');
    assert.equal((await person.parsed('plain.csv', plain)).body.status, 'ready');
    assert.deepEqual(staged(tight.dataDir), []);
    await tight.stop();
  });
});

describe('random bytes end ready or failed, never otherwise', () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc.string({ unit: 'binary', maxLength: 500 }).map((text) => new TextEncoder().encode(text)),
    fc
      .array(fc.constantFrom('a', '1', ',', ';', '"', '\n', '\r\n', '\0', '\t', '=', 'é', '2024-01-01'), {
        maxLength: 400,
      })
      .map((pieces) => new TextEncoder().encode(pieces.join(''))),
  );
  const whole = writeSheet(PEOPLE);
  const damaged = fc
    .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
    .map((changes) => {
      const bytes = Uint8Array.from(whole);
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    });

  /** Ten files at a time: what is looked for is in the parser, not in the queue. */
  const fuzz = (ending: string, bytes: fc.Arbitrary<Uint8Array>, numRuns: number) =>
    fc.assert(
      fc.asyncProperty(fc.array(bytes, { minLength: 10, maxLength: 10 }), async (files) => {
        await Promise.all(files.map((content) => over(`fuzz.${ending}`, content)));
      }),
      { numRuns, endOnFailure: true },
    );

  test('as .csv', () => fuzz('csv', anything, 12));
  test('as .txt', () => fuzz('txt', anything, 4));
  test('as .xlsx', () => fuzz('xlsx', anything, 4));
  test('as a workbook of which some bytes were changed', () => fuzz('xlsx', damaged, 10));
});

test('after all of that a plain file is parsed, and nothing half done is left', async () => {
  const { body } = await over('plain.csv', 'name,age\nAsha,31\n');
  assert.deepEqual(body.rows, [{ name: 'Asha', age: 31 }]);
  assert.deepEqual(
    storedBlobs(service.dataDir).filter((path) => /^(receiving|staging)/.test(path)),
    [],
  );
});
