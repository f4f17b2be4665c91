import type { Reject } from '../../core/batch.ts';
import { Problem } from '../../core/problem.ts';
import { rawText } from '../reject-text.ts';
import { countCharacters, FAULTS, faultText } from './fault.ts';
import { AT_START, BEHIND_ROW, type Place, type Scan, type Separation } from './scanner.ts';
import { type Taken, takeUntil, takeValue } from './take.ts';
import type { JsonText } from './text.ts';

/** Rows that a scan found, which holds until the next one is asked for, or a row that could not be taken. */
export type Records =
  | {
      readonly type: 'rows';
      readonly scan: Scan;
      /** What was scanned; the rows' bytes are positions in it. */
      readonly bytes: Buffer;
      readonly from: number;
      /** The number that the file's first row, or line, of the scan has, from 1. */
      readonly number: number;
    }
  | { readonly type: 'reject'; readonly reject: Reject };

const LF = 0x0a;
const RS = 0x1e;

/**
 * The rows from where the window stands (for an array, behind its bracket), up to the end of the array or the text. The
 * scanner's table has been started.
 *
 * A row that is too long to be held is a reject. So is a line or record of a sequence that is no JSON or of another kind
 * than those before it; elsewhere, where it could not be told where the next row starts, such a row is the file's end.
 * @throws Problem `json_invalid`, `json_too_deep`, `not_a_table`.
 */
export async function* readRecords(text: JsonText, separation: Separation): AsyncGenerator<Records, void> {
  const { scanner, window } = text;
  let passed = 0;
  let place: Place = AT_START;
  for (;;) {
    const from = window.start;
    const scan = scanner.rows(from, window.end, window.isFinal, place);
    if (scan.rowCount > 0) yield { type: 'rows', scan, bytes: window.bytes, from, number: passed + 1 };
    passed += separation === 'lines' ? scan.lines : scan.rowCount;
    window.start = scan.consumed;
    place = scan.place;
    if (scan.status === 'end' || (scan.status === 'more' && window.isFinal)) return;
    if (scan.status === 'full') continue;
    if (scan.status === 'more' && window.end - window.start <= text.longest) {
      await window.fill();
      continue;
    }
    yield { type: 'reject', reject: await skipRecord(text, separation, scan, ++passed) };
    place = BEHIND_ROW;
  }
}

/** Skips the row at which the window stands; gives its reject, or throws what is wrong if it cannot be skipped. */
async function skipRecord(text: JsonText, separation: Separation, scan: Scan, row: number): Promise<Reject> {
  const what = `${separation === 'lines' ? 'Line' : 'Row'} ${row}`;
  const canResume = separation === 'lines' || separation === 'sequence';
  if (!canResume && scan.status === 'invalid') throw await text.problem(scan.fault, scan.position);
  if (!canResume && scan.status === 'other kind') throw new Problem('not_a_table', otherKind(what, scan));
  const [code, detail] = complaint(what, text, scan);
  const { bytes } = await skip(text, separation);
  return { row, code, detail, raw: rawText(bytes) };
}

function skip(text: JsonText, separation: Separation): Promise<Taken> {
  if (separation === 'lines') return takeUntil(text, LF, true);
  return separation === 'sequence' ? takeUntil(text, RS, false) : takeValue(text);
}

function complaint(what: string, { window, longest }: JsonText, scan: Scan): [code: string, detail: string] {
  if (scan.status === 'other kind') return ['not_a_row', otherKind(what, scan)];
  if (scan.status !== 'invalid') return ['row_too_large', `${what} has more than ${longest} bytes. Shorten it.`];
  const character = countCharacters(window.bytes.subarray(window.start, scan.position)) + 1;
  const code = scan.fault === FAULTS.tooDeep ? 'too_deep' : 'invalid_json';
  return [code, `${what}, character ${character}: ${faultText(scan.fault)}. Fix it and upload the file again.`];
}

function otherKind(what: string, { kind }: Scan): string {
  return `${what} is no ${NOUNS[kind!]}, as those before it are. Rows of one table must be of one kind.`;
}

const NOUNS = { objects: 'object', arrays: 'array', scalars: 'single value' };
