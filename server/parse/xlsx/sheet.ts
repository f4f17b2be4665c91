import { cellTooLarge } from './cell-too-large.ts';
import { corrupt } from './corrupt.ts';
import { type DateSystem, dateText } from './dates.ts';
import { unescapeText } from './escapes.ts';
import { isPlainNumber, plainNumber } from './numbers.ts';
import { columnOf, columnsOfRange, MAX_COLUMNS, MAX_ROWS, wholeNumber } from './references.ts';
import type { RowSink } from './rows.ts';
import {
  COLUMN_SHIFT,
  EXACT_NUMBER,
  KIND,
  PLAIN_TEXT,
  RECORD_WORDS,
  ROW_END,
  ROW_START,
  type Scanner,
  type Taken,
} from './scanner.ts';
import type { DateStyles } from './styles.ts';
import type { TextArena } from './text-arena.ts';
import type { XmlHandler } from './xml.ts';
import { attributeOf, nameHash, nameOf, textOf, toText, type XmlToken } from './xml-token.ts';

/** What the cells of a sheet refer to. */
export interface CellContext {
  readonly sharedStrings: TextArena;
  readonly dateStyles: DateStyles;
  readonly dateSystem: DateSystem;
  /** UTF-16 units that a cell may hold. */
  readonly cellLength: number;
}

const WORKSHEET = nameHash('worksheet');
const DIMENSION = nameHash('dimension');
const SHEET_DATA = nameHash('sheetData');
const ROW = nameHash('row');
const CELL = nameHash('c');
const VALUE = nameHash('v');
const INLINE = nameHash('is');
const RUN = nameHash('r');
const TEXT = nameHash('t');
const REF = nameHash('ref');
const STYLE = nameHash('s');

/** Where in the sheet the tokenizer stands. What leads nowhere is skipped with all it holds. */
const IN_PART = 0;
const IN_WORKSHEET = 1;
const IN_DATA = 2;
const IN_ROW = 3;
const IN_CELL = 4;
const IN_VALUE = 5;
const IN_INLINE = 6;
const IN_RUN = 7;
const IN_INLINE_TEXT = 8;
const IN_RUN_TEXT = 9;
/** The place around each place, by its number. */
const OUTER = [IN_PART, IN_PART, IN_WORKSHEET, IN_DATA, IN_ROW, IN_CELL, IN_CELL, IN_INLINE, IN_INLINE, IN_RUN];

/** After so many cells the scanner is asked again, however often it took none. */
const MAX_MISSES = 32;

/** The kinds of cell (`c/@t`, ECMA-376 part 1, 18.18.11). */
const NUMBER = 0;
const SHARED = 1;
const STRING = 2;
const BOOLEAN = 3;
/** Errors, ISO dates and kinds that nobody knows: the text is taken as it stands. */
const LITERAL = 4;

/**
 * A handler for a worksheet part that tells its rows and cells to `rows` as they come. `sheet` names it in problems.
 *
 * A row or cell without a reference follows the one before it. Texts are exact; numbers come as `plainNumber` or, in
 * a date style, as `dateText`; truth values as `TRUE` and `FALSE`; formulas as their last result. With a scanner, which
 * holds the part's bytes, rows and cells of the usual shape are taken by it: what is told is the same.
 * @throws Problem `workbook_corrupt` for what no sheet can mean; `cell_too_large`.
 */
export function createSheetHandler(sheet: string, context: CellContext, rows: RowSink, scanner?: Scanner): XmlHandler {
  const { sharedStrings, dateStyles, dateSystem, cellLength } = context;
  // Sinks and the arena have getters, for which V8 keeps an object as a dictionary: not to be looked into for each cell.
  const { columnsOnly, startRow: beginRow, put: putCell, endRow } = rows;
  const { get: sharedText, length: sharedCount } = sharedStrings;
  let place = IN_PART;
  let skipped = 0;
  let row = 0;
  let column = -1;
  let kind = NUMBER;
  let style = 0;
  let text: string | undefined;
  let valueSeen = false;
  /** A shared string's number, as long as the value is nothing else. */
  let index = -1;
  /** The text is a number in its final form. */
  let exact = false;
  let scannable = false;
  /** How often in a row the scanner took no cell: it is asked again so many cells later. */
  let misses = 0;
  let passed = 0;

  /** The place that the element `name` leads to from here, or -1. */
  function placeOf(name: number): number {
    switch (place) {
      case IN_ROW:
        return name === CELL ? IN_CELL : -1;
      case IN_CELL:
        return name === VALUE ? IN_VALUE : name === INLINE ? IN_INLINE : -1;
      case IN_DATA:
        return name === ROW ? IN_ROW : -1;
      case IN_INLINE:
        return name === TEXT ? IN_INLINE_TEXT : name === RUN ? IN_RUN : -1;
      case IN_RUN:
        return name === TEXT ? IN_RUN_TEXT : -1;
      case IN_WORKSHEET:
        return name === SHEET_DATA ? IN_DATA : -1;
      case IN_PART:
        return name === WORKSHEET ? IN_WORKSHEET : -1;
      default:
        return -1;
    }
  }

  function open(name: number, token: XmlToken): void {
    if (skipped > 0) {
      skipped++;
      return;
    }
    const next = placeOf(name);
    if (next < 0) {
      skip(name, token);
      return;
    }
    place = next;
    if (next === IN_CELL) startCell(token);
    else if (next === IN_ROW) startRow(token);
    else if (next === IN_VALUE) startValue();
    else if (next === IN_INLINE) startInline();
    else if (next === IN_DATA && scanner) scannable = scanner.usePrefixOf(nameOf(token));
  }

  function skip(name: number, token: XmlToken): void {
    if (place === IN_PART) throw broken('is no worksheet');
    if (place === IN_DATA && name === CELL) throw broken('has a cell outside of any row');
    if (place === IN_WORKSHEET && name === DIMENSION) declare(attributeOf(token, REF) ?? '');
    skipped = 1;
  }

  function declare(range: string): void {
    const extent = columnsOfRange(range);
    if (extent) rows.declare(extent);
  }

  function close(): void {
    if (skipped > 0) {
      skipped--;
      return;
    }
    if (place === IN_CELL) endCell();
    else if (place === IN_ROW) endRow();
    place = OUTER[place]!;
  }

  function startRow(token: XmlToken): void {
    row++;
    column = -1;
    for (let i = 0; i < token.count; i++) {
      if (token.names[i] === RUN) row = wholeNumber(token.bytes, token.starts[i]!, token.ends[i]!);
    }
    if (row < 1 || row > MAX_ROWS) throw broken('has a row whose number is not valid');
    beginRow(row);
  }

  function tellRow(number: number): void {
    row = number;
    beginRow(number);
  }

  function startCell(token: XmlToken): void {
    const { bytes, names, starts, ends, count } = token;
    column++;
    kind = NUMBER;
    style = 0;
    text = undefined;
    valueSeen = false;
    index = -1;
    exact = false;
    for (let i = 0; i < count; i++) {
      const name = names[i];
      if (name === RUN) column = columnOf(bytes, starts[i]!, ends[i]!);
      else if (name === TEXT) kind = kindOf(bytes, starts[i]!, ends[i]!);
      else if (name === STYLE) style = wholeNumber(bytes, starts[i]!, ends[i]!);
    }
    if (column < 0 || column >= MAX_COLUMNS) throw broken(`has a cell in row ${row} whose reference is not valid`);
  }

  function startValue(): void {
    if (valueSeen) throw broken(`has a cell in row ${row} with two values`);
    valueSeen = true;
    if (kind === STRING) text = '';
  }

  function startInline(): void {
    if (valueSeen) throw broken(`has a cell in row ${row} with two values`);
    valueSeen = true;
    kind = STRING;
    text = '';
  }

  function textPiece(token: XmlToken): void {
    if (skipped > 0) return;
    if (place === IN_VALUE) value(token);
    else if (place === IN_INLINE_TEXT || place === IN_RUN_TEXT) append(columnsOnly ? '' : textOf(token));
  }

  function value(token: XmlToken): void {
    if (columnsOnly) {
      text = '';
      return;
    }
    const { bytes, start, end, plain } = token;
    const isFirst = index < 0 && !text;
    if (isFirst && kind === SHARED && plain) index = wholeNumber(bytes, start, end);
    if (isFirst && index >= 0) return;
    append(textOf(token));
    exact = isFirst && kind === NUMBER && plain && isPlainNumber(bytes, start, end);
  }

  function append(piece: string): void {
    text = (index < 0 ? (text ?? '') : String(index)) + piece;
    index = -1;
    // Escapes make a text shorter, seven units to one at most; what is longer still need not be kept to be refused.
    if (text.length > 7 * cellLength) throw tooLong();
  }

  function endCell(): void {
    if (index >= 0) putShared(index);
    else if (text === undefined) return;
    else if (columnsOnly) putCell(column, '', null, true);
    else if (kind === NUMBER) putNumber(text);
    else if (kind === STRING) put(unescapeText(text), null, true);
    else if (text.trim() !== '') putLiteral(text);
  }

  function put(shown: string, raw: string | null, isText: boolean): void {
    if (shown.length > cellLength) throw tooLong();
    putCell(column, shown, raw, isText);
  }

  function putShared(number: number): void {
    if (number >= sharedCount) throw broken(`has a cell in row ${row} whose shared string does not exist`);
    putCell(column, sharedText(number), null, true);
  }

  function putLiteral(written: string): void {
    if (kind === SHARED) putShared(/^\s*\d{1,10}\s*$/.test(written) ? Number(written) : sharedCount);
    else put(kind === BOOLEAN ? truth(written) : written, null, false);
  }

  function putNumber(written: string): void {
    const dateKind = dateStyles[style];
    const trimmed = exact ? written : written.trim();
    if (trimmed === '') return;
    const date = dateKind && dateText(Number(trimmed), dateKind, dateSystem);
    const shown = date ?? (exact ? written : plainNumber(trimmed));
    put(shown, shown === written ? null : written, false);
  }

  function tooLong() {
    return cellTooLarge(`Row ${row} of the sheet ${JSON.stringify(sheet)}`, cellLength);
  }

  function broken(what: string) {
    return corrupt(`the sheet ${JSON.stringify(sheet)} ${what}`);
  }

  function take(from: number, token: XmlToken): number {
    if (!scannable || skipped > 0) return from;
    if (place === IN_DATA) return tell(scanner!.rows(from, row), token);
    return place === IN_ROW ? takeCells(from, token) : from;
  }

  function takeCells(from: number, token: XmlToken): number {
    if (++passed < misses) return from;
    const taken = scanner!.cells(from, column);
    passed = 0;
    misses = taken.end > from ? 0 : Math.min(misses + 1, MAX_MISSES);
    const end = tell(taken, token);
    column = taken.column;
    return end;
  }

  /** Tells what was taken; gives the place behind it. */
  function tell({ end, records, words, texts, textBytes }: Taken, token: XmlToken): number {
    const plainTexts = columnsOnly || textBytes === 0 ? '' : texts.toString('latin1', 0, textBytes);
    for (let at = 0; at < words; at += RECORD_WORDS) {
      const tag = records[at]!;
      const first = records[at + 1]!;
      const second = records[at + 2]!;
      kind = tag & KIND;
      column = tag >> COLUMN_SHIFT;
      if (kind === ROW_START) tellRow(first);
      else if (kind === ROW_END) endRow();
      else if (columnsOnly) putCell(column, '', null, true);
      else if (kind === SHARED) putShared(first);
      else {
        style = records[at + 3]!;
        exact = (tag & EXACT_NUMBER) !== 0;
        endTold(tag & PLAIN_TEXT ? plainTexts.slice(first, second) : textOf(toText(token, first, second)));
      }
    }
    return end;
  }

  /** The end of a cell that holds `told`. */
  function endTold(told: string): void {
    text = undefined;
    index = -1;
    append(told);
    endCell();
  }

  return { open, text: textPiece, close, shortcut: scanner && { window: scanner.window, take } };
}

function kindOf(bytes: Buffer, start: number, end: number): number {
  if (end - start === 1) {
    const letter = bytes[start];
    return letter === 0x73 ? SHARED : letter === 0x6e ? NUMBER : letter === 0x62 ? BOOLEAN : LITERAL;
  }
  const name = bytes.toString('latin1', start, end);
  return name === 'str' || name === 'inlineStr' ? STRING : name === '' ? NUMBER : LITERAL;
}

/** @see https://www.w3.org/TR/xmlschema-2/#boolean */
function truth(text: string): string {
  const word = text.trim();
  if (word === '1' || word === 'true') return 'TRUE';
  return word === '0' || word === 'false' ? 'FALSE' : text;
}
