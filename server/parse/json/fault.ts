import { Problem } from '../../core/problem.ts';
import type { Source } from '../../core/source.ts';
import type { Encoding } from '../encoding.ts';
import { openUtf8 } from '../utf8-stream.ts';

/** How deep arrays and objects may stand in each other within a row, the row itself counted. */
export const DEEPEST = 64;

/** Faults of a text that is no JSON, as the scanner numbers them. */
export const FAULTS = { key: 3, keyOrEnd: 4, colon: 5, commaOrEnd: 6, tooDeep: 11, textBehind: 13 } as const;

const WORDS: readonly string[] = [
  '',
  'a value is expected',
  'a value or a closing bracket is expected',
  'a key in double quotes is expected',
  'a key in double quotes or a closing brace is expected',
  'a colon is expected',
  'a comma, or the bracket that closes, is expected',
  'the line ends within a value',
  'a string holds a control character that must be escaped',
  'a string holds an escape that JSON does not have',
  'a number is not written as JSON writes numbers',
  `brackets stand in each other more than ${DEEPEST} levels deep`,
  'the file ends within a value',
  'something follows where the value has ended',
  'a record separator (RS) is expected',
  'a number or literal may have been cut off: no white space follows it',
];

/** What is wrong, in words that hold nothing of the file. */
export function faultText(fault: number): string {
  return WORDS[fault]!;
}

/** The `json_invalid`, or `json_too_deep`, for the fault at `offset` of the text of `source` in UTF-8. */
export async function faultProblem(
  source: Source,
  encoding: Encoding,
  fault: number,
  offset: number,
): Promise<Problem> {
  const { line, column } = await locate(source, encoding, offset);
  const detail = `Line ${line}, column ${column}: ${faultText(fault)}. Fix the file and upload it again.`;
  return new Problem(fault === FAULTS.tooDeep ? 'json_too_deep' : 'json_invalid', detail);
}

/** A location in a text, for people: both from 1, columns in Unicode code points. */
export interface Location {
  readonly line: number;
  readonly column: number;
}

const CHUNK_BYTES = 65_536;
const LF = 0x0a;

/** The line and column of byte `offset` of the text of `source` in UTF-8, which is read up to there. */
export async function locate(source: Source, encoding: Encoding, offset: number): Promise<Location> {
  const stream = openUtf8(source, encoding);
  const bytes = Buffer.alloc(CHUNK_BYTES);
  const location = { line: 1, column: 1 };
  try {
    for (let left = offset; left > 0; ) {
      const count = await stream.read(bytes, 0, Math.min(left, CHUNK_BYTES));
      if (count === 0) break;
      moveOn(location, bytes.subarray(0, count));
      left -= count;
    }
    return location;
  } finally {
    await stream.close();
  }
}

function moveOn(location: { line: number; column: number }, bytes: Buffer): void {
  const lastBreak = bytes.lastIndexOf(LF);
  if (lastBreak >= 0) location.column = 1;
  location.column += countCharacters(bytes.subarray(lastBreak + 1));
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) location.line++;
}

/** How many Unicode code points there are in the UTF-8 `bytes`. */
export function countCharacters(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if ((byte & 0xc0) !== 0x80) count++;
  return count;
}
