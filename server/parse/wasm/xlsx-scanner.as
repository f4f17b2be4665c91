// Finds the rows and cells of a worksheet, and the texts of the shared strings, where they are written as spreadsheet programs
// write them (AssemblyScript; built by scripts/build-scanners.ts, used by ../xlsx/scanner.ts).
//
// Whatever looks any other way is left to the tokenizer (../xlsx/xml.ts): it alone says what is wrong with a sheet. So
// every function here gives the place behind what it took, or 0 when it is to be left; what was taken is whole and in order.
//
// The byte behind the input is a `<` and the one behind that is 0. No tag begins so, and everything stops at a `<` that begins
// none: nothing here has to ask where the input ends. 15 bytes behind it may be read too.

const LT: u32 = 0x3c;
const GT: u32 = 0x3e;
const SLASH: u32 = 0x2f;
const EQUALS: u32 = 0x3d;
const SPACE: u32 = 0x20;
const AMP: u32 = 0x26;
const CR: u32 = 0x0d;
const QUOTE: u32 = 0x22;
const APOSTROPHE: u32 = 0x27;
const UNDERSCORE: u32 = 0x5f;
const MINUS: u32 = 0x2d;
const POINT: u32 = 0x2e;
const ZERO: u32 = 0x30;

const LETTER_A: u32 = 0x41;
const LETTER_B: u32 = 0x62;
const LETTER_C: u32 = 0x63;
const LETTER_D: u32 = 0x64;
const LETTER_E: u32 = 0x65;
const LETTER_F: u32 = 0x66;
const LETTER_I: u32 = 0x69;
const LETTER_N: u32 = 0x6e;
const LETTER_R: u32 = 0x72;
const LETTER_S: u32 = 0x73;
const LETTER_T: u32 = 0x74;
const LETTER_V: u32 = 0x76;
const ROW: u32 = 0x00776f72; // "row", least significant byte first
const STR: u32 = 0x00727473; // "str"
const IS_END: u32 = 0x003e7369; // "is>"
const SI_END: u32 = 0x003e6973; // "si>"
const LT_SLASH: u16 = 0x2f3c;
const INLINE_ST: u64 = 0x7453656e696c6e69; // "inlineSt"

const MAX_COLUMNS: u32 = 16_384;
const MAX_ROWS: u32 = 1_048_576;
/** Every decimal of so many significant digits is the shortest text of its double. */
const EXACT_DIGITS: usize = 15;
const NONE: u32 = 0xffffffff;

// Kinds of records; those of cells are numbered as in ../xlsx/sheet.ts.
const NUMBER: u32 = 0;
const SHARED: u32 = 1;
const STRING: u32 = 2;
const BOOLEAN: u32 = 3;
const LITERAL: u32 = 4;
const ROW_START: u32 = 5;
const ROW_END: u32 = 6;
// Marks of a cell's text, beside its kind. The column stands in the bits from 8 on.
const PLAIN: u32 = 8; // ASCII without references and line ends to be changed
const EXACT: u32 = 16; // a number in its final form

// Where things stand; the caller reads and writes them by address.
const PREFIX: usize = 0; // of all names, with its colon: eight bytes, and how many of them count
const RESULTS: usize = 64;
const RECORDS: usize = 1024;
const RECORD_BYTES: usize = 16;
const TEXTS: usize = RECORDS + 4096 * RECORD_BYTES;
const TEXTS_END: usize = TEXTS + (64 << 10); // 16 bytes behind it are spare
const INPUT: usize = 3 << 16;

let prefix: u64 = 0;
let prefixMask: u64 = 0;
let prefixLength: usize = 0;

let record: usize = 0; // where the next one goes
let text: usize = 0; // where the next one goes
let row: u32 = 0; // of the last row taken
let column: i32 = 0; // of the last cell taken
let place: u32 = 0; // the column of the cell that is looked at
let style: u32 = 0; // of it
let kind: u32 = NUMBER; // of it
let valueAt: usize = 0; // its text, if there is one
let valueEnd: usize = 0;
let isPlain: bool = false; // what `takeText` saw
let isChanged: bool = false; // it saw what stands for something else: a reference or a line end
let isEscaped: bool = false; // it saw an underscore, which may begin an escape
let numberAt: usize = 0; // the value of the attribute `r`, if `skipAttributes` saw one
let numberEnd: usize = 0;

/** Takes whole rows, of which the one before had the number `lastRow`. */
export function rows(from: usize, lastRow: u32): void {
  begin();
  row = lastRow;
  let at = from;
  for (;;) {
    const next = takeRow(at);
    if (next == 0) break;
    at = next;
  }
  finish(at);
}

/** Takes cells of one row, of which the one before stood in `lastColumn`. */
export function cells(from: usize, lastColumn: i32): void {
  begin();
  column = lastColumn;
  finish(takeCells(from));
}

/** Takes shared strings of at most `longest` bytes that are their own texts. A record is a word: the end of the text. */
export function strings(from: usize, longest: usize): void {
  begin();
  let at = from;
  while (record < TEXTS) {
    const next = takeString(at, longest);
    if (next == 0) break;
    at = next;
    store<u32>(record, <u32>(text - TEXTS));
    record += 4;
  }
  finish(at);
}

function begin(): void {
  prefix = load<u64>(PREFIX);
  prefixLength = <usize>load<u32>(PREFIX + 8);
  prefixMask = prefixLength == 8 ? ~(<u64>0) : (<u64>1 << (<u64>prefixLength << 3)) - 1;
  record = RECORDS;
  text = TEXTS;
}

function finish(at: usize): void {
  store<u32>(RESULTS, <u32>(at - INPUT));
  store<u32>(RESULTS + 4, <u32>((record - RECORDS) >> 2));
  store<u32>(RESULTS + 8, <u32>(text - TEXTS));
  store<i32>(RESULTS + 12, column);
}

/** A row with all its cells, or nothing of it. */
function takeRow(from: usize): usize {
  const oldRecord = record;
  const oldText = text;
  const oldRow = row;
  const end = wholeRow(skipBlanks(from));
  if (end != 0) return end;
  record = oldRecord;
  text = oldText;
  row = oldRow;
  return 0;
}

function wholeRow(from: usize): usize {
  let at = openingTag(from);
  if (at == 0 || (load<u32>(at) & 0xffffff) != ROW || !endsName(at + 3)) return 0;
  at = skipAttributes(at + 3);
  if (at == 0) return 0;
  row = numberAt == 0 ? row + 1 : wholeNumber(numberAt, numberEnd);
  if (row == 0 || row > MAX_ROWS || !note(ROW_START, row, 0, 0)) return 0;
  if (<u32>load<u8>(at) == SLASH) return <u32>load<u8>(at + 1) == GT && note(ROW_END, 0, 0, 0) ? at + 2 : 0;
  column = -1;
  at = closingTag(skipBlanks(takeCells(at + 1)));
  if (at == 0 || load<u32>(at) != (ROW | (GT << 24))) return 0;
  return note(ROW_END, 0, 0, 0) ? at + 4 : 0;
}

/** Gives where the last cell ended that could be taken. */
function takeCells(from: usize): usize {
  let at = from;
  while (true) {
    const next = takeCell(skipBlanks(at));
    if (next == 0) return at;
    at = next;
  }
}

function takeCell(from: usize): usize {
  const name = openingTag(from);
  if (name == 0 || <u32>load<u8>(name) != LETTER_C || !endsName(name + 1)) return 0;
  const close = takeAttributes(name + 1);
  if (close == 0 || place >= MAX_COLUMNS) return 0;
  const isEmpty = <u32>load<u8>(close) == SLASH;
  if (isEmpty && <u32>load<u8>(close + 1) != GT) return 0;
  const end = isEmpty ? close + 2 : takeContent(close + 1);
  if (end != 0) column = <i32>place;
  return end;
}

/** Reads a cell's reference, style and kind; gives the place of the `>` or `/` behind them. Others are not expected. */
function takeAttributes(at: usize): usize {
  let seen: u32 = 0;
  place = <u32>(column + 1);
  style = 0;
  kind = NUMBER;
  while (true) {
    at = skipBlanks(at);
    const name = <u32>load<u8>(at);
    if (name == GT || name == SLASH) return at;
    const quote = <u32>load<u8>(at + 2);
    const mark: u32 = 1 << (name & 31);
    if (<u32>load<u8>(at + 1) != EQUALS || (quote != QUOTE && quote != APOSTROPHE) || (seen & mark) != 0) return 0;
    seen |= mark;
    at += 3;
    if (name == LETTER_R) at = takeReference(at);
    else if (name == LETTER_S) at = takeStyle(at);
    else if (name == LETTER_T) at = takeKind(at, quote);
    else return 0;
    if (at == 0 || <u32>load<u8>(at) != quote) return 0;
    at++;
  }
}

@inline function takeReference(from: usize): usize {
  const digits = skipLetters(from);
  const end = skipDigits(digits);
  place = columnOf(from, digits);
  return end == digits ? 0 : end;
}

@inline function takeStyle(from: usize): usize {
  const end = skipDigits(from);
  style = wholeNumber(from, end);
  return style == NONE ? 0 : end;
}

@inline function takeKind(from: usize, quote: u32): usize {
  const letter = <u32>load<u8>(from);
  if (<u32>load<u8>(from + 1) == quote) {
    kind = letter == LETTER_S ? SHARED : letter == LETTER_N ? NUMBER : letter == LETTER_B ? BOOLEAN : LITERAL;
    return kind != LITERAL || letter == LETTER_E || letter == LETTER_D ? from + 1 : 0;
  }
  kind = STRING;
  if ((load<u32>(from) & 0xffffff) == STR) return from + 3;
  return load<u64>(from) == INLINE_ST && <u32>load<u8>(from + 8) == LETTER_R ? from + 9 : 0;
}

/** What stands between a cell's tags, and the closing one: perhaps a formula, perhaps a value. */
function takeContent(from: usize): usize {
  let at = skipBlanks(from);
  let name = openingTag(at);
  if (name != 0 && <u32>load<u8>(name) == LETTER_F && endsName(name + 1)) {
    at = skipFormula(name + 1);
    if (at == 0) return 0;
    at = skipBlanks(at);
    name = openingTag(at);
  }
  valueAt = 0;
  if (name != 0) at = takeValue(name);
  if (at != 0) at = closed(skipBlanks(at), LETTER_C);
  return at != 0 && (valueAt == 0 || keep(valueAt, valueEnd)) ? at : 0;
}

/** The value whose name is `name`, a plain one or an inline string. */
function takeValue(name: usize): usize {
  const isInline = <u32>load<u8>(name) == LETTER_I;
  const start = isInline ? inlineText(name) : valueText(name);
  if (start == 0) return 0;
  const end = takeText(start);
  if (end == 0) return 0;
  valueAt = start;
  valueEnd = end;
  if (isInline) kind = STRING;
  return isInline ? closedInline(end) : closed(end, LETTER_V);
}

/** Behind a formula, whose name ends before `at`. */
function skipFormula(at: usize): usize {
  at = skipAttributes(at);
  if (at == 0) return 0;
  if (<u32>load<u8>(at) == SLASH) return <u32>load<u8>(at + 1) == GT ? at + 2 : 0;
  do at++;
  while (<u32>load<u8>(at) != LT);
  return closed(at, LETTER_F);
}

/** Where the text of the value begins whose name is `name`. */
@inline function valueText(name: usize): usize {
  return <u32>load<u8>(name) == LETTER_V ? textStart(name + 1) : 0;
}

/** Where the text of the inline string begins whose name is `name`. */
function inlineText(name: usize): usize {
  if (<u32>load<u8>(name + 1) != LETTER_S || <u32>load<u8>(name + 2) != GT) return 0;
  const inner = openingTag(skipBlanks(name + 3));
  return inner != 0 && <u32>load<u8>(inner) == LETTER_T ? textStart(inner + 1) : 0;
}

/** Behind the closing tags of an inline string, whose text ends before `at`. */
function closedInline(at: usize): usize {
  at = closed(at, LETTER_T);
  if (at == 0) return 0;
  const name = closingTag(skipBlanks(at));
  if (name == 0 || (load<u32>(name) & 0xffffff) != IS_END) return 0;
  return name + 3;
}

/** Where an element's text begins, whose name ends before `at`. */
@inline function textStart(at: usize): usize {
  if (<u32>load<u8>(at) == GT) return at + 1;
  if (!endsName(at)) return 0;
  const close = skipAttributes(at);
  return close != 0 && <u32>load<u8>(close) == GT ? close + 1 : 0;
}

/** Keeps a cell's value: `bytes[from]` up to `bytes[to]`, which `takeText` saw. False when there is no room for it. */
function keep(from: usize, to: usize): bool {
  if (from == to && kind != STRING) return true;
  const tag = kind | (place << 8);
  if (kind == SHARED) {
    const index = wholeNumber(from, to);
    return index != NONE && note(tag, index, 0, 0);
  }
  if (!isPlain) return note(tag, <u32>(from - INPUT), <u32>(to - INPUT), style);
  const start = <u32>(text - TEXTS);
  const end = start + <u32>(to - from);
  const isExact = kind == NUMBER && isPlainNumber(from, to);
  if (!note(tag | PLAIN | (isExact ? EXACT : 0), start, end, style)) return false;
  text += to - from;
  return true;
}

@inline function note(tag: u32, first: u32, second: u32, third: u32): bool {
  if (record == TEXTS) return false;
  store<u32>(record, tag);
  store<u32>(record + 4, first);
  store<u32>(record + 8, second);
  store<u32>(record + 12, third);
  record += RECORD_BYTES;
  return true;
}

/** `<si><t>…</t></si>`, of which the text is taken. What may hold an escape is left: its text is not what is written. */
function takeString(from: usize, longest: usize): usize {
  const item = openingTag(skipBlanks(from));
  if (item == 0 || (load<u32>(item) & 0xffffff) != SI_END) return 0;
  const inner = openingTag(skipBlanks(item + 3));
  if (inner == 0 || <u32>load<u8>(inner) != LETTER_T) return 0;
  const start = textStart(inner + 1);
  if (start == 0) return 0;
  const end = takeText(start);
  if (end == 0 || isChanged || isEscaped || end - start > longest) return 0;
  // All texts together are valid UTF-8 only if each of them is, as long as none begins within a character.
  if ((<u32>load<u8>(start) & 0xc0) == 0x80) return 0;
  const at = closed(end, LETTER_T);
  if (at == 0) return 0;
  const name = closingTag(skipBlanks(at));
  if (name == 0 || (load<u32>(name) & 0xffffff) != SI_END) return 0;
  text += end - start;
  return name + 3;
}

/**
 * Copies the text from `from` up to the next `<` behind the texts kept so far, where `keep` finds it; gives the place of
 * that `<`, or 0 when there is no room.
 */
function takeText(from: usize): usize {
  let high: u32 = 0;
  let changed: u32 = 0;
  let underscores: u32 = 0;
  let at = from;
  for (let to = text; to < TEXTS_END; to += 16, at += 16) {
    const bytes = v128.load(at);
    v128.store(to, bytes);
    const stop = maskOf(bytes, LT);
    const inside = stop == 0 ? 0xffff : (stop & (0 - stop)) - 1;
    high |= <u32>v128.bitmask<u8>(bytes) & inside;
    changed |= (maskOf(bytes, AMP) | maskOf(bytes, CR)) & inside;
    underscores |= maskOf(bytes, UNDERSCORE) & inside;
    if (stop == 0) continue;
    isPlain = (high | changed) == 0;
    isChanged = changed != 0;
    isEscaped = underscores != 0;
    return at + ctz(stop);
  }
  return 0;
}

@inline function maskOf(bytes: v128, byte: u32): u32 {
  return <u32>v128.bitmask<u8>(v128.eq<u8>(bytes, v128.splat<u8>(<u8>byte)));
}

/** As `isPlainNumber` of ../xlsx/numbers.ts. */
function isPlainNumber(from: usize, to: usize): bool {
  const first = <u32>load<u8>(from) == MINUS ? from + 1 : from;
  const point = skipDigits(first);
  const startsWithZero = <u32>load<u8>(first) == ZERO;
  if (point == first || (startsWithZero && point > first + 1)) return false;
  if (point == to) return first == from || !startsWithZero;
  if (<u32>load<u8>(point) != POINT || to - first > EXACT_DIGITS + 1) return false;
  return skipDigits(point + 1) == to && to > point + 1 && <u32>load<u8>(to - 1) != ZERO;
}

/** Where the name of an opening tag stands that begins at `at`. */
@inline function openingTag(at: usize): usize {
  if (<u32>load<u8>(at) != LT || <u32>load<u8>(at + 1) == SLASH) return 0;
  return behindPrefix(at + 1);
}

/** Where the name of a closing tag stands that begins at `at`. */
@inline function closingTag(at: usize): usize {
  return load<u16>(at) == LT_SLASH ? behindPrefix(at + 2) : 0;
}

/** Behind a closing tag that begins at `at` and has this letter as its name. */
@inline function closed(at: usize, letter: u32): usize {
  const name = closingTag(at);
  return name != 0 && <u32>load<u16>(name) == (letter | (GT << 8)) ? name + 2 : 0;
}

@inline function behindPrefix(at: usize): usize {
  return (load<u64>(at) & prefixMask) == prefix ? at + prefixLength : 0;
}

@inline function endsName(at: usize): bool {
  const byte = <u32>load<u8>(at);
  return byte <= SPACE || byte == GT || byte == SLASH;
}

/**
 * The place of the `>` or `/` that ends the attributes from `at` on. Tags in which one may stand twice are left: each name
 * takes one of 64 places, and the known ones (spreadsheet programs write a dozen) all different ones.
 */
function skipAttributes(at: usize): usize {
  let seen: u64 = 0;
  numberAt = 0;
  while (true) {
    at = skipBlanks(at);
    let byte = <u32>load<u8>(at);
    if (byte == GT || byte == SLASH) return at;
    const name = at;
    let hash: u32 = 0;
    while (byte > SPACE && byte != EQUALS && byte != LT && byte != GT) {
      hash = hash * 61 + byte;
      byte = <u32>load<u8>(++at);
    }
    const place = <u64>1 << (<u64>hash & 63);
    if (byte != EQUALS || at == name || (seen & place) != 0) return 0;
    seen |= place;
    const quote = <u32>load<u8>(at + 1);
    if (quote != QUOTE && quote != APOSTROPHE) return 0;
    const start = at + 2;
    at = start;
    for (byte = <u32>load<u8>(at); byte != quote && byte != LT; ) byte = <u32>load<u8>(++at);
    if (byte == LT) return 0;
    if (start == name + 3 && <u32>load<u8>(name) == LETTER_R) {
      numberAt = start;
      numberEnd = at;
    }
    at++;
  }
}

@inline function skipBlanks(at: usize): usize {
  while (<u32>load<u8>(at) <= SPACE) at++;
  return at;
}

@inline function skipDigits(at: usize): usize {
  while (<u32>load<u8>(at) - ZERO <= 9) at++;
  return at;
}

@inline function skipLetters(at: usize): usize {
  while ((<u32>load<u8>(at) & 0xdf) - LETTER_A < 26) at++;
  return at;
}

/** The number that at most nine digits spell, or `NONE`. */
@inline function wholeNumber(from: usize, to: usize): u32 {
  if (from == to || to - from > 9) return NONE;
  let value: u32 = 0;
  for (let at = from; at < to; at++) {
    const digit = <u32>load<u8>(at) - ZERO;
    if (digit > 9) return NONE;
    value = value * 10 + digit;
  }
  return value;
}

/** The column, from 0, that letters name, or `NONE`. */
@inline function columnOf(from: usize, to: usize): u32 {
  if (to - from > 3) return NONE;
  let column: u32 = 0;
  for (let at = from; at < to; at++) column = column * 26 + (<u32>load<u8>(at) & 0xdf) - LETTER_A + 1;
  return column - 1;
}
