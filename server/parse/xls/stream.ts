import { Problem } from '../../core/problem.ts';
import { passwordNeeded } from '../password.ts';
import { corrupt } from '../xlsx/corrupt.ts';
import type { DateSystem } from '../xlsx/dates.ts';
import { kindOfBuiltIn } from '../xlsx/number-formats.ts';
import type { Extent } from '../xlsx/references.ts';
import { BEGINNINGS, CELL_BYTES, CONTINUED, GLOBAL_RECORDS, RECORD, STRING_RECORDS } from './record-types.ts';

/** One substream of a workbook stream: the workbook as a whole, or a sheet. */
export interface Substream {
  /** Where it begins in the stream. */
  readonly start: number;
  /** Cells that hold something: records, an array of numbers counted by its numbers. */
  cells: number;
  /** The columns of these cells; `first` above `last` when there are none. */
  readonly extent: { -readonly [K in keyof Extent]: Extent[K] };
}

/** A sheet as the workbook lists it. */
export interface ListedSheet {
  /** Where its substream begins. */
  readonly start: number;
  readonly hidden: boolean;
  /** Rows and cells, and no chart, macro sheet or module. */
  readonly isWorksheet: boolean;
}

/** What a workbook stream holds. */
export interface WorkbookStream {
  /** 2–5, or 8 for Excel 97 and later. */
  readonly version: number;
  readonly dateSystem: DateSystem;
  /** In the workbook's order. Streams of versions 2–4 list none: they are one sheet. */
  readonly listed: readonly ListedSheet[];
  readonly substreams: ReadonlyMap<number, Substream>;
}

/** Read by nobody, known to the library: what a record is called that must not be looked at. */
const NOTHING_OF_INTEREST = 0x5e;
const LAST_COLUMN = 255;
/** The built-in formats of a date and of a time that every program knows. */
const USUAL_DATE = 14;
const USUAL_TIME = 21;
const WORKSPACE = 0x100;

/**
 * Looks through the records of a workbook stream (BIFF: [MS-XLS] 2.1.4, and OpenOffice's "Excel File Format" for
 * versions before 8), checks that they are whole, counts cells, and **blanks in `bytes` all that is not needed for
 * values**: names, links, drawings, notes, charts, formulas' code. What is left is safe to give to a library: each
 * cell has its bytes and a place inside a sheet.
 * @throws Problem `workbook_corrupt`; `workbook_encrypted`; `unsupported_format` for a workspace of Excel 4.
 */
export function prepareStream(bytes: Buffer): WorkbookStream {
  const listed: ListedSheet[] = [];
  const substreams = new Map<number, Substream>();
  const styles: number[] = [];
  const ownFormats = new Set<number>();
  let version = 0;
  let dateSystem: DateSystem = '1900';
  let current: Substream | undefined;
  let depth = 0;
  /** Whether CONTINUE records belong to a record that is kept. */
  let continues = false;

  let at = 0;
  for (; at + 4 <= bytes.length; ) {
    const type = bytes.readUInt16LE(at);
    const start = at + 4;
    const end = start + bytes.readUInt16LE(at + 2);
    if (depth === 0 && !BEGINNINGS.has(type)) break;
    if (end > bytes.length) throw corrupt('a record reaches beyond the end');
    if (BEGINNINGS.has(type)) begin(type, start, end);
    else if (type === RECORD.EOF) depth--;
    else if (depth > 1 || !keep(type, start, end)) blank(at);
    at = end;
  }
  if (depth > 0) throw corrupt('the last sheet ends too early');
  if (!current) throw corrupt('there is no beginning of a sheet');
  for (const place of styles) useKnownFormat(place);
  return { version, dateSystem, listed, substreams };

  function begin(type: number, start: number, end: number): void {
    if (end - start < 4) throw corrupt('a sheet has a damaged beginning');
    continues = false;
    if (depth++ > 0) return;
    version ||= BEGINNINGS.get(type) || versionOf(bytes.readUInt16LE(start));
    if (version === 4 && (bytes.readUInt16LE(start + 2) & WORKSPACE) !== 0) throw workspace();
    current = { start: start - 4, cells: 0, extent: { first: LAST_COLUMN + 1, last: -1 } };
    substreams.set(current.start, current);
  }

  function blank(place: number): void {
    bytes.writeUInt16LE(NOTHING_OF_INTEREST, place);
  }

  function keep(type: number, start: number, end: number): boolean {
    if (type === RECORD.CONTINUE) return continues;
    continues = CONTINUED.has(type);
    if (type === RECORD.FILE_PASS) throw passwordNeeded('workbook_encrypted', 'workbook');
    if (GLOBAL_RECORDS.has(type)) return note(type, start, end);
    if (type === RECORD.MUL_RK) return countMany(start, end);
    const least = CELL_BYTES.get(type);
    if (least === undefined) return STRING_RECORDS.has(type);
    if (end - start < least) throw corrupt('a cell is cut off');
    count(bytes.readUInt16LE(start + 2), 1);
    dropCode(type, start, end);
    return true;
  }

  function note(type: number, start: number, end: number): boolean {
    const least = type === RECORD.BOUND_SHEET ? 8 : type === RECORD.XF || type === RECORD.FORMAT ? 4 : 2;
    if (end - start < least) throw corrupt('a record of the workbook is cut off');
    if (type === RECORD.DATE_1904) dateSystem = bytes.readUInt16LE(start) === 1 ? '1904' : '1900';
    if (type === RECORD.BOUND_SHEET && version >= 5) list(start);
    if (type === RECORD.XF) styles.push(start + 2);
    if (type === RECORD.FORMAT && version >= 5) ownFormats.add(bytes.readUInt16LE(start));
    return true;
  }

  function list(start: number): void {
    const place = bytes.readUInt32LE(start);
    if (listed.some((sheet) => sheet.start === place)) throw corrupt('two sheets are the same one');
    listed.push({ start: place, hidden: (bytes[start + 4]! & 3) !== 0, isWorksheet: bytes[start + 5] === 0 });
  }

  function countMany(start: number, end: number): boolean {
    if (end - start < 6) throw corrupt('a cell is cut off');
    const first = bytes.readUInt16LE(start + 2);
    const last = bytes.readUInt16LE(end - 2);
    if (last < first || end - start !== 6 + 6 * (last - first + 1)) throw corrupt('a run of numbers is damaged');
    count(first, last - first + 1);
    return true;
  }

  function count(column: number, cells: number): void {
    const { extent } = current!;
    if (column + cells - 1 > LAST_COLUMN) throw corrupt('a cell stands outside of its sheet');
    current!.cells += cells;
    extent.first = Math.min(extent.first, column);
    extent.last = Math.max(extent.last, column + cells - 1);
  }

  /** A formula keeps its last result only: the length of its code becomes 0. */
  function dropCode(type: number, start: number, end: number): void {
    if (type !== RECORD.FORMULA && type !== RECORD.FORMULA_3 && type !== RECORD.FORMULA_4) return;
    const place = start + (version >= 5 ? 20 : 16);
    if (place + (version === 2 ? 1 : 2) > end) throw corrupt('a cell is cut off');
    if (version === 2) bytes[place] = 0;
    else bytes.writeUInt16LE(0, place);
  }

  /** Built-in formats of East Asian Excel, whose codes no file holds, become dates and times that are known anywhere. */
  function useKnownFormat(place: number): void {
    const id = bytes.readUInt16LE(place);
    const kind = ownFormats.has(id) ? undefined : kindOfBuiltIn(id);
    if (id > USUAL_TIME + 1 && kind === 'date') bytes.writeUInt16LE(USUAL_DATE, place);
    if (id > USUAL_TIME + 1 && id !== 45 && id !== 47 && kind === 'time') bytes.writeUInt16LE(USUAL_TIME, place);
  }
}

function versionOf(said: number): number {
  if (said === 0x0600) return 8;
  if (said === 0x0500) return 5;
  if (said === 0x0400 || said === 0x0300) return said >> 8;
  return said === 0x0200 || said === 2 || said === 7 ? 2 : 8;
}

function workspace(): Problem {
  return new Problem(
    'unsupported_format',
    'The file is a workspace of Excel 4, which holds several sheets in a way that cannot be read. Save it as .xlsx.',
  );
}
