import assert from 'node:assert/strict';
import { parse as csvParse } from 'csv-parse/sync';
import papaparse from 'papaparse';
import { csvFormat } from '../../server/parse/csv.ts';
import { readTables } from './read-tables.ts';

/** A file as some program might have written it, and how. */
interface Written {
  readonly text: string;
  readonly delimiter: string;
  readonly quote: string;
  readonly lineBreak: string;
  /** The quote itself where quotes are doubled. */
  readonly escaping: string;
}

const DELIMITERS = [',', ';', '\t', '|', '^', '~', ':', '\x01'];
const PIECES = [
  ...[
    'a',
    'Asha',
    'é',
    'आशा',
    '😀',
    '7',
    '3,5',
    '1.234,50',
    '2020-01-31',
    ' ',
    '  ',
    '#',
    '0012',
    'N/A',
    '\0',
    '\ufffd',
    '{',
    '=',
  ],
  ...[',', ';', '|', ':', "'", '"', '""', "''", '\n', '\r\n', '\r', '\t', '\u2028', '\\x', 'x'.repeat(70)],
];

/**
 * Writes `count` files from `seed` on and reads each with Intakt's reader, csv-parse and papaparse, told how it was
 * written. Files are rectangular and well-formed, of one row to some dozens; cells hold anything. Gives how many cells
 * were compared.
 * @throws AssertionError naming the seed of the file that was read differently.
 */
export async function compareReaders(seed: number, count: number): Promise<number> {
  let cells = 0;
  for (let at = seed; at < seed + count; at++) {
    const written = write(randomOf(at));
    const ours = await readOurs(written);
    for (const theirs of [readCsvParse(written), readPapa(written)]) {
      assert.deepEqual(ours, theirs, `seed ${at}: ${JSON.stringify(written)}`);
    }
    cells += ours.reduce((sum, row) => sum + row.length, 0);
  }
  return cells;
}

async function readOurs({ text, delimiter, quote, escaping }: Written): Promise<string[][]> {
  const [table] = await readTables(csvFormat, Buffer.from(text), {
    ...{ header: 'absent', encoding: 'utf-8', skipLines: 0, delimiter, quote },
    escape: escaping === quote ? null : escaping,
  });
  assert.deepEqual(table!.rejects, []);
  return table!.rows.map((row) => row.map((cell) => cell ?? ''));
}

function readCsvParse({ text, delimiter, quote, escaping, lineBreak }: Written): string[][] {
  // Quotes within cells that do not begin with one are refused unless it is told not to.
  const options = { delimiter, quote, escape: escaping, record_delimiter: lineBreak, relax_quotes: true };
  return csvParse(text, options);
}

function readPapa({ text, delimiter, quote, escaping, lineBreak }: Written): string[][] {
  const options = { delimiter, quoteChar: quote, escapeChar: escaping, newline: lineBreak as '\n' };
  const { data } = papaparse.parse<string[]>(text, options);
  return text.endsWith(lineBreak) ? data.slice(0, -1) : data;
}

function write(random: (below: number) => number): Written {
  const pick = <T>(from: readonly T[]): T => from[random(from.length)]!;
  const quote = random(4) === 0 ? "'" : '"';
  const escaping = random(4) === 0 ? '\\' : quote;
  const delimiter = pick(DELIMITERS);
  const lineBreak = pick(['\n', '\r\n', '\r']);
  const quotesAll = random(3) === 0;
  const columns = 2 + random(5);
  const cell = () => {
    const text = Array.from({ length: random(4) }, () => pick(PIECES)).join('');
    // The three agree on what is quoted; what a backslash is before other characters they do not.
    const inner = escaping === quote ? text : text.replaceAll('\\', '/');
    const isPlain = !quotesAll && !inner.startsWith(quote) && !/[\r\n]/.test(inner) && !inner.includes(delimiter);
    return isPlain && (inner === '' || random(8) > 0) && (escaping === quote || !inner.includes(quote))
      ? inner
      : quote + inner.replaceAll(quote, escaping + quote) + quote;
  };
  const rows = Array.from({ length: 1 + random(random(10) === 0 ? 60 : 6) }, () =>
    Array.from({ length: columns }, cell).join(delimiter),
  );
  const text = rows.join(lineBreak) + (random(2) === 0 ? lineBreak : '');
  return { text, delimiter, quote, lineBreak, escaping };
}

/** Numbers from a seed, all the same on every machine. */
function randomOf(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return (below) => {
    // A counter, mixed as MurmurHash3 does at its end.
    state = (state + 0x9e37_79b9) >>> 0;
    let bits = state;
    bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
    return ((bits ^ (bits >>> 16)) >>> 0) % below;
  };
}
