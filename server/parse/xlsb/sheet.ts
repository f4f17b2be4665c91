import { cellTooLarge } from '../xlsx/cell-too-large.ts';
import { errorText, numberText, wellFormed } from '../xlsx/cell-values.ts';
import { corrupt } from '../xlsx/corrupt.ts';
import { MAX_COLUMNS, MAX_ROWS } from '../xlsx/references.ts';
import type { RowSink } from '../xlsx/rows.ts';
import type { CellContext } from '../xlsx/sheet.ts';
import type { TextArena } from '../xlsx/text-arena.ts';
import type { BinaryRecord, RecordHandler } from './records.ts';

/** What a cell's record holds behind its column and style. */
type Kind = 'rk' | 'error' | 'boolean' | 'double' | 'text' | 'shared' | 'rich';

const ROW = 0;
const RICH = 62;
const DATA = 145;
const DATA_END = 146;
const EXTENT = 148;
const SHARED_ITEM = 19;
/** Records of cells that hold something, and of those from `SHORT` on, which stand behind the cell before ([MS-XLSB] 2.5.9). */
const CELLS: ReadonlyMap<number, Kind> = new Map([
  [2, 'rk'],
  [3, 'error'],
  [4, 'boolean'],
  [5, 'double'],
  [6, 'text'],
  [7, 'shared'],
  [8, 'text'],
  [9, 'double'],
  [10, 'boolean'],
  [11, 'error'],
  [13, 'rk'],
  [14, 'error'],
  [15, 'boolean'],
  [16, 'double'],
  [17, 'text'],
  [18, 'shared'],
  [RICH, 'rich'],
]);
const BLANK = 1;
const SHORT = 12;
const SHORT_END = 18;
const SHEET_RECORDS: ReadonlySet<number> = new Set([ROW, BLANK, SHORT, DATA, DATA_END, EXTENT, ...CELLS.keys()]);

/** A handler for the shared texts part: adds each text to `arena`. @throws Problem `cell_too_large`. */
export function createBinaryStringsHandler(arena: TextArena, cellLength: number): RecordHandler {
  return {
    wanted: new Set([SHARED_ITEM]),
    take(record) {
      const text = wellFormed(record.text(1));
      if (text.length > cellLength) throw cellTooLarge(`Shared string ${arena.length}`, cellLength);
      arena.add(text);
    },
  };
}

/**
 * A handler for a binary worksheet part ([MS-XLSB] 2.1.7.62) that tells its rows and cells to `rows` as the handler of
 * XML parts does.
 * @throws Problem `workbook_corrupt` for what no sheet can mean; `cell_too_large`.
 */
export function createBinarySheetHandler(sheet: string, context: CellContext, rows: RowSink): RecordHandler {
  const { sharedStrings, dateStyles, dateSystem, cellLength } = context;
  let inData = false;
  let row = 0;
  let column = -1;

  function take(record: BinaryRecord): void {
    const { type } = record;
    if (type === EXTENT) rows.declare({ first: record.long(8), last: record.long(12) });
    else if (type === DATA) inData = true;
    else if (!inData) return;
    else if (type === ROW || type === DATA_END) {
      if (row > 0) rows.endRow();
      row = 0;
      inData = type === ROW;
      if (inData) startRow(record.long(0) + 1);
    } else takeCell(record, type >= SHORT && type <= SHORT_END ? 0 : 4);
  }

  function startRow(number: number): void {
    if (number > MAX_ROWS) throw broken('has a row whose number is not valid');
    row = number;
    column = -1;
    rows.startRow(row);
  }

  /** A record has its column first, unless it stands behind the cell before it, then its style, then the value. */
  function takeCell(record: BinaryRecord, styleAt: number): void {
    if (row === 0) throw broken('has a cell outside of any row');
    column = styleAt === 0 ? column + 1 : record.long(0);
    if (column >= MAX_COLUMNS) throw broken(`has a cell in row ${row} whose column is not valid`);
    const kind = CELLS.get(record.type);
    if (!kind) return;
    if (rows.columnsOnly) rows.put(column, '', null, true);
    else putValue(kind, record, styleAt + 4, record.long(styleAt) & 0xffffff);
  }

  function putValue(kind: Kind, record: BinaryRecord, at: number, style: number): void {
    if (kind === 'shared') putText(sharedText(record.long(at)));
    else if (kind === 'text') putText(wellFormed(record.text(at)));
    else if (kind === 'rich') putText(wellFormed(record.text(at + 1)));
    else if (kind === 'boolean') rows.put(column, record.byte(at) === 0 ? 'FALSE' : 'TRUE', null, false);
    else if (kind === 'error') rows.put(column, errorText(record.byte(at)), null, false);
    else {
      const value = kind === 'rk' ? rkNumber(record.long(at)) : record.double(at);
      const { text, raw } = numberText(value, dateStyles[style], dateSystem);
      rows.put(column, text, raw, false);
    }
  }

  function putText(text: string): void {
    if (text.length > cellLength) throw cellTooLarge(`Row ${row} of the sheet ${JSON.stringify(sheet)}`, cellLength);
    rows.put(column, text, null, true);
  }

  function sharedText(index: number): string {
    if (index >= sharedStrings.length) throw broken(`has a cell in row ${row} whose shared string does not exist`);
    return sharedStrings.get(index);
  }

  function broken(what: string) {
    return corrupt(`the sheet ${JSON.stringify(sheet)} ${what}`);
  }

  return { wanted: SHEET_RECORDS, take };
}

const DOUBLE = new DataView(new ArrayBuffer(8));

/** Thirty bits of a double or of a whole number, perhaps hundred times too large ([MS-XLSB] 2.5.122). */
function rkNumber(bits: number): number {
  DOUBLE.setUint32(0, bits & ~3);
  const value = (bits & 2) !== 0 ? (bits | 0) >> 2 : DOUBLE.getFloat64(0);
  return (bits & 1) !== 0 ? value / 100 : value;
}
