// Checks JSON and finds the cells of its rows (AssemblyScript; built by scripts/build-scanners.ts, used by
// ../json/scanner.ts).
//
// One automaton checks RFC 8259 to the letter. `rows` runs it over one row after another and notes the cells; a row that
// the bytes end in is scanned again from its start when there are more. `skip` runs it over one value that need not fit
// into memory, and goes on where the bytes ended. Cell positions are given in UTF-16 units, so that the caller can slice
// the decoded string: a byte that is no continuation byte is one unit, and the lead byte of a four-byte sequence is one
// more.

const QUOTE: u32 = 0x22;
const COMMA: u32 = 0x2c;
const MINUS: u32 = 0x2d;
const COLON: u32 = 0x3a;
const OPEN_LIST: u32 = 0x5b;
const BACKSLASH: u32 = 0x5c;
const CLOSE_LIST: u32 = 0x5d;
const OPEN_OBJECT: u32 = 0x7b;
const CLOSE_OBJECT: u32 = 0x7d;
const SPACE: u32 = 0x20;
const TAB: u32 = 0x09;
const LF: u32 = 0x0a;
const CR: u32 = 0x0d;
const RECORD_SEPARATOR: u32 = 0x1e;

// What must come next within a value. These and what follows are also the reasons why a text is no JSON; 0 is none.
const A_VALUE: u32 = 1;
const A_VALUE_OR_END: u32 = 2;
const A_KEY: u32 = 3;
const A_KEY_OR_END: u32 = 4;
const A_COLON: u32 = 5;
const A_COMMA_OR_END: u32 = 6;
const NOT_ONE_LINE: u32 = 7; // a line ends within a value
const CONTROL: u32 = 8; // a control character stands unescaped in a string
const ESCAPE: u32 = 9;
const NUMBER: u32 = 10;
const TOO_DEEP: u32 = 11;
const ENDED: u32 = 12; // the file ends within a value
const BEHIND: u32 = 13; // something stands behind a value where nothing may
const NO_SEPARATOR: u32 = 14;
const CUT: u32 = 15; // a number or literal of a sequence that may have been cut off

// How rows are separated.
const IN_ARRAY: u32 = 0; // by commas, up to a closing bracket
const BY_LINE: u32 = 1;
const BY_SEPARATOR: u32 = 2; // each begins with RS (RFC 7464)
const BY_NOTHING: u32 = 3; // values one behind the other

// Where a scan of rows starts, and the next one goes on.
const AT_START: u32 = 0; // before the first row
const BEHIND_ROW: u32 = 1;
const BEHIND_SEPARATOR: u32 = 2; // behind the comma or RS before a row

// Results of a scan.
const MORE: u32 = 0; // all bytes were looked at; what is behind `consumed` is the start of a row, or nothing
const FULL: u32 = 1; // the tables of rows or cells are full; scan again from `consumed`
const INVALID: u32 = 2;
const END: u32 = 3; // the array, or the value, ends at `consumed`
const OTHER_KIND: u32 = 4; // the row at `consumed` is of another kind than those before
const TOO_LONG: u32 = 5; // the row at `consumed` is longer than rows may be

// Kinds of row.
const ANY_KIND: u32 = 0;
const OBJECTS: u32 = 1;
const LISTS: u32 = 2;
const SCALARS: u32 = 3;

// Kinds of cell. A null is none.
const STRING: u32 = 0;
const ESCAPED: u32 = 1;
const PLAIN_NUMBER: u32 = 2;
const EXPONENT: u32 = 3;
const TRUE: u32 = 4;
const FALSE: u32 = 5;
const JSON: u32 = 6;
const NULL: u32 = 7;

// Marks of a row.
const SLOW: u32 = 1; // it has a key that is unknown, escaped, or there twice: its cells are not all here
const NULL_ROW: u32 = 2;

// Marks of a key.
const HAS_COLUMN: u32 = 1; // a value or null was seen at it before
const HAS_VALUE: u32 = 2; // something else than null was

// Containers that are open.
const ROW_OBJECT: u8 = 0; // its members are cells or row objects themselves
const ROW_LIST: u8 = 1; // its elements are cells
const OBJECT: u8 = 2;
const LIST: u8 = 3;
const DEEPEST: u32 = 64;

// Settings and results: 32-bit words that the caller reads and writes by address.
const RESULTS: usize = 64;
const KINDS: usize = 128; // of the open containers, a byte each
const KEYS: usize = 256; // of the open row objects, a word each

const NONE: u32 = 0xffffffff;

@inline function setting(index: usize): u32 {
  return load<u32>(index << 2);
}

let base: usize = 0; // of the input: positions are given from there
let tableSeparation: u32 = IN_ARRAY;
let separation: u32 = IN_ARRAY; // of what is scanned: a value that is skipped may stand on several lines
let columns: u32 = 0; // cells of a list that are noted
let rowPointer: usize = 0;
let tokenPointer: usize = 0;
let kind: u32 = ANY_KIND;
let lines: u32 = 0; // line breaks between rows
let place: u32 = AT_START;
let consumed: usize = 0;
let nonAscii: u32 = 0;
let origin: usize = 0; // units are counted from here
let deficit: u32 = 0; // how many more bytes than units there were

// The automaton. `silent` says that no cells are noted.
let expected: u32 = A_VALUE;
let depth: u32 = 0;
let silent: bool = false;
let within: u32 = 0; // what the bytes ended in
let numberState: u32 = 0;
let position: usize = 0; // where it stopped
let reason: u32 = 0;

// The row.
let serial: u32 = 0;
let marks: u32 = 0;
let listIndex: u32 = 0;
let key: u32 = NONE; // of the member whose value comes
let kept: u32 = 0; // how deep the container lies whose text is the cell, or 0
let keptUnit: u32 = 0;
let escaped: bool = false;

@inline function unitAt(at: usize): u32 {
  return <u32>(at - origin) - deficit;
}

/** Starts a table: no kind of row is known, and no key. */
export function startTable(separatedBy: u32): void {
  tableSeparation = separatedBy;
  kind = ANY_KIND;
  nodeCount = 1;
  keyPointer = setting(8);
  memory.fill(setting(7), 0, (setting(10) + 1) << 2);
  store<u32>(setting(6) + 12, 0);
}

/**
 * Scans rows in the bytes from `from` up to `to`; 16 bytes behind may be read too. `isFinal` says that nothing follows
 * `to`, and `start` is where the last scan ended.
 */
export function rows(from: usize, to: usize, isFinal: bool, start: u32): u32 {
  base = setting(0);
  separation = tableSeparation;
  columns = setting(5);
  rowPointer = setting(1);
  tokenPointer = setting(3);
  silent = false;
  lines = 0;
  nonAscii = 0;
  origin = from;
  deficit = 0;
  place = start;
  consumed = from;
  while (true) {
    const found = separate(consumed, to, isFinal);
    if (found != ROW) return finish(found);
    const rowStart = position;
    const linesBefore = lines;
    beginRow();
    if (!run(rowStart, to, isFinal)) return finish(reason == 0 ? MORE : INVALID);
    const rowEnd = position;
    const ended = terminate(rowStart, rowEnd, to, isFinal);
    if (ended != END) return finish(ended);
    const isTooLong = position - consumed > <usize>setting(13);
    if (isTooLong || !isSameKind(load<u8>(rowStart))) {
      lines = linesBefore;
      return finish(isTooLong ? TOO_LONG : OTHER_KIND);
    }
    noteRow(rowStart, rowEnd, linesBefore);
    consumed = position;
    place = BEHIND_ROW;
    if (rowPointer >= setting(2) || tokenPointer >= setting(4)) return finish(FULL);
  }
}

const ROW: u32 = 6;

/**
 * Moves `position` to the start of the next row, if there is one (ROW), and `consumed` there or to the start of its line.
 */
function separate(from: usize, to: usize, isFinal: bool): u32 {
  for (let at = from; at < to; at++) {
    const byte = <u32>load<u8>(at);
    if (byte == SPACE || byte == TAB || byte == CR) continue;
    if (byte == LF) {
      if (separation != BY_LINE) continue;
      lines++;
      consumed = at + 1;
    } else if (byte == RECORD_SEPARATOR && separation == BY_SEPARATOR) {
      place = BEHIND_SEPARATOR;
    } else if (separation == IN_ARRAY && place != BEHIND_SEPARATOR && byte == CLOSE_LIST) {
      consumed = at + 1;
      return END;
    } else if (separation == IN_ARRAY && place == BEHIND_ROW) {
      if (byte != COMMA) return invalid(at, A_COMMA_OR_END);
      place = BEHIND_SEPARATOR;
    } else {
      if (separation == BY_SEPARATOR && place != BEHIND_SEPARATOR) return invalid(at, NO_SEPARATOR);
      if (separation != BY_LINE) consumed = at;
      position = at;
      return ROW;
    }
  }
  if (separation != BY_LINE) consumed = to;
  return separation == IN_ARRAY && isFinal ? invalid(to, ENDED) : MORE;
}

/** Sees to it that only what may stand behind a row does, and moves `position` behind its line: END when it does. */
function terminate(start: usize, end: usize, to: usize, isFinal: bool): u32 {
  position = end;
  if (separation == BY_SEPARATOR) return wholeScalar(<u32>load<u8>(start), end, to, isFinal);
  if (separation != BY_LINE) return END;
  for (let at = end; at < to; at++) {
    const byte = <u32>load<u8>(at);
    if (byte == LF) {
      position = at + 1;
      lines++;
      return END;
    }
    if (byte != SPACE && byte != TAB && byte != CR) return invalid(at, BEHIND);
  }
  position = to;
  return isFinal ? END : MORE;
}

/** A number or literal of a sequence is only whole when white space follows (RFC 7464, 2.4). */
function wholeScalar(first: u32, end: usize, to: usize, isFinal: bool): u32 {
  if (first == QUOTE || first == OPEN_LIST || first == OPEN_OBJECT) return END;
  if (end >= to) return isFinal ? invalid(end, CUT) : MORE;
  const byte = <u32>load<u8>(end);
  return byte == SPACE || byte == TAB || byte == LF || byte == CR ? END : invalid(end, CUT);
}

@inline function beginRow(): void {
  expected = A_VALUE;
  depth = 0;
  within = 0;
  serial++;
  marks = 0;
  listIndex = 0;
  key = NONE;
  kept = 0;
  rowTokens = tokenPointer;
}

let rowTokens: usize = 0;

/** Whether a row that starts with this byte fits the rows before; a null fits all. */
function isSameKind(first: u32): bool {
  if (first == 0x6e) {
    marks |= NULL_ROW;
    return true;
  }
  const found = first == OPEN_OBJECT ? OBJECTS : first == OPEN_LIST ? LISTS : SCALARS;
  if (kind == ANY_KIND) kind = found;
  return kind == found;
}

function noteRow(start: usize, end: usize, linesBefore: u32): void {
  if (marks & SLOW) tokenPointer = rowTokens;
  store<u32>(rowPointer, <u32>((tokenPointer - setting(3)) >> 4));
  store<u32>(rowPointer + 4, <u32>(start - base));
  store<u32>(rowPointer + 8, <u32>(end - base));
  store<u32>(rowPointer + 12, listIndex);
  store<u32>(rowPointer + 16, marks);
  store<u32>(rowPointer + 20, separation == BY_LINE ? linesBefore : <u32>((rowPointer - setting(1)) / 24));
  rowPointer += 24;
}

function finish(status: u32): u32 {
  store<u32>(RESULTS, <u32>((rowPointer - setting(1)) / 24));
  store<u32>(RESULTS + 4, <u32>(consumed - base));
  store<u32>(RESULTS + 8, nonAscii);
  store<u32>(RESULTS + 12, kind);
  store<u32>(RESULTS + 16, lines);
  store<u32>(RESULTS + 20, reason);
  store<u32>(RESULTS + 24, <u32>(position - base));
  store<u32>(RESULTS + 28, place);
  return status;
}

/** Starts to skip a value. */
export function startSkip(): void {
  expected = A_VALUE;
  depth = 0;
  within = 0;
  kept = 0;
}

/** Checks the value that `startSkip` began, from where the last call stopped; `consumed` is where this one does. */
export function skip(from: usize, to: usize, isFinal: bool): u32 {
  base = setting(0);
  rowPointer = setting(1);
  separation = IN_ARRAY;
  silent = true;
  origin = from;
  const isWhole = run(from, to, isFinal);
  consumed = position;
  return finish(isWhole ? END : reason == 0 ? MORE : INVALID);
}

function invalid(at: usize, why: u32): u32 {
  position = at;
  reason = why;
  return INVALID;
}

@inline function bad(at: usize, why: u32): bool {
  position = at;
  reason = why;
  return false;
}

/** The bytes end at `at`. */
@inline function stop(at: usize, to: usize, isFinal: bool): bool {
  return bad(isFinal ? to : at, isFinal ? ENDED : 0);
}

/** The automaton: true when the value is whole, which ends at `position`; else `reason`, or 0 when bytes are missing. */
function run(from: usize, to: usize, isFinal: bool): bool {
  reason = 0;
  let at = from;
  if (within != 0) {
    at = resume(at, to, isFinal);
    if (at == 0) return false;
    if (depth == 0 && expected == A_COMMA_OR_END) return done(at);
  }
  while (true) {
    if (at >= to) return stop(at, to, isFinal);
    const byte = <u32>load<u8>(at);
    if (byte <= SPACE) {
      if (byte == LF) {
        if (separation == BY_LINE) return bad(at, NOT_ONE_LINE);
      } else if (byte != SPACE && byte != CR && byte != TAB) return bad(at, expected);
      at++;
      continue;
    }
    if (expected == A_COMMA_OR_END) {
      const isList = (load<u8>(KINDS + depth) & 1) != 0;
      if (byte == COMMA) {
        expected = isList ? A_VALUE : A_KEY;
        at++;
        continue;
      }
      if (byte != (isList ? CLOSE_LIST : CLOSE_OBJECT)) return bad(at, expected);
      at++;
      close(at);
      if (depth == 0) return done(at);
      continue;
    }
    if (expected == A_COLON) {
      if (byte != COLON) return bad(at, expected);
      expected = A_VALUE;
      at++;
      continue;
    }
    if (expected == A_KEY || expected == A_KEY_OR_END) {
      if (byte == QUOTE) {
        at = takeKey(at + 1, to, isFinal);
        if (at == 0) return false;
        continue;
      }
      if (expected == A_KEY || byte != CLOSE_OBJECT) return bad(at, expected);
      closeEmpty(at + 1);
      at++;
      if (depth == 0) return done(at);
      continue;
    }
    if (byte == QUOTE) {
      const start = unitAt(at + 1);
      escaped = false;
      const end = stringEnd(at + 1, to, isFinal);
      if (end == 0) return false;
      note(escaped ? ESCAPED : STRING, start, unitAt(end));
      at = end + 1;
    } else if (byte == MINUS || byte - 0x30 <= 9) {
      const start = unitAt(at);
      numberState = START;
      const end = numberEnd(at, to, isFinal);
      if (end == 0) return false;
      note(numberState == EXPONENT_DIGITS ? EXPONENT : PLAIN_NUMBER, start, unitAt(end));
      at = end;
    } else if (byte == OPEN_OBJECT) {
      if (!open(at, false)) return false;
      at++;
      continue;
    } else if (byte == OPEN_LIST) {
      if (!open(at, true)) return false;
      at++;
      continue;
    } else if (byte == CLOSE_LIST && expected == A_VALUE_OR_END) {
      at++;
      close(at);
    } else {
      at = literal(byte, at, to, isFinal);
      if (at == 0) return false;
    }
    if (depth == 0) return done(at);
    expected = A_COMMA_OR_END;
  }
}

@inline function done(at: usize): bool {
  position = at;
  return true;
}

/** Opens the container at `at`. */
function open(at: usize, isList: bool): bool {
  if (depth == DEEPEST) return bad(at, TOO_DEEP);
  let type: u8 = isList ? LIST : OBJECT;
  if (!silent && kept == 0) {
    if (depth == 0) {
      type = isList ? ROW_LIST : ROW_OBJECT;
      key = ROOT;
    } else {
      // An object without members is a cell too.
      keptUnit = unitAt(at);
      if (!isList && load<u8>(KINDS + depth) == ROW_OBJECT) type = ROW_OBJECT;
      else kept = depth + 1;
    }
  }
  depth++;
  store<u8>(KINDS + depth, type);
  if (type == ROW_OBJECT) store<u32>(KEYS + (depth << 2), key);
  expected = isList ? A_VALUE_OR_END : A_KEY_OR_END;
  return true;
}

/** Closes the innermost container, which ends before `at`. */
@inline function close(at: usize): void {
  const isCell = depth == kept;
  depth--;
  expected = A_COMMA_OR_END;
  if (!isCell) return;
  kept = 0;
  if (depth != 0) note(JSON, keptUnit, unitAt(at));
}

/** Closes an object that has no members, which ends before `at`. */
function closeEmpty(at: usize): void {
  if (depth > 1 && load<u8>(KINDS + depth) == ROW_OBJECT) kept = depth;
  close(at);
}

/** Notes a cell, unless its text is part of another one. */
function note(type: u32, start: u32, end: u32): void {
  if (silent || kept != 0) return;
  let column = ROOT;
  if (depth != 0) {
    if (load<u8>(KINDS + depth) == ROW_LIST) {
      column = listIndex++;
      if (column >= columns) return;
    } else {
      if (key == NONE) return;
      column = key;
      const markAt = setting(9) + key;
      const mark = load<u8>(markAt);
      if (!(mark & HAS_COLUMN)) marks |= SLOW;
      if (type != NULL) store<u8>(markAt, mark | HAS_VALUE);
    }
  }
  if (type == NULL || (marks & SLOW) != 0) return;
  store<u32>(tokenPointer, column);
  store<u32>(tokenPointer + 4, start);
  store<u32>(tokenPointer + 8, end);
  store<u32>(tokenPointer + 12, type);
  tokenPointer += 16;
}

/** Takes the key whose content starts at `at`; gives where the colon is to be looked for, 0 when there is no end. */
function takeKey(at: usize, to: usize, isFinal: bool): usize {
  escaped = false;
  const end = stringEnd(at, to, isFinal);
  if (end == 0) {
    if (within == IN_STRING) within = IN_KEY;
    return 0;
  }
  expected = A_COLON;
  if (silent || load<u8>(KINDS + depth) != ROW_OBJECT) return end + 1;
  const parent = load<u32>(KEYS + (depth << 2));
  key = escaped || parent == NONE ? NONE : find(parent, at, <u32>(end - at));
  if (key == NONE) marks |= SLOW;
  else if (load<u32>(stampOf(key)) == serial) marks |= SLOW;
  else store<u32>(stampOf(key), serial);
  return end + 1;
}

const IN_STRING: u32 = 1;
const IN_KEY: u32 = 2;
const IN_NUMBER: u32 = 3;

/** Goes on in what the last bytes ended in; gives where the automaton goes on, 0 when there is no end. */
function resume(at: usize, to: usize, isFinal: bool): usize {
  const what = within;
  within = 0;
  if (what == IN_NUMBER) {
    expected = A_COMMA_OR_END;
    return numberEnd(at, to, isFinal);
  }
  if (what == IN_KEY) return takeKey(at, to, isFinal);
  const end = stringEnd(at, to, isFinal);
  if (end == 0) return 0;
  expected = A_COMMA_OR_END;
  return end + 1;
}

/** The closing quote of the string whose content goes on at `from`, 0 when there is none. */
function stringEnd(from: usize, to: usize, isFinal: bool): usize {
  const quote = v128.splat<u8>(<u8>QUOTE);
  const backslash = v128.splat<u8>(<u8>BACKSLASH);
  const space = v128.splat<u8>(<u8>SPACE);
  let at = from;
  while (at < to) {
    const bytes = v128.load(at);
    const hits = v128.or(v128.or(v128.eq<u8>(bytes, quote), v128.eq<u8>(bytes, backslash)), v128.lt<u8>(bytes, space));
    const found = <u32>v128.bitmask<u8>(hits);
    const count = found == 0 ? 16 : ctz(found);
    if (v128.bitmask<u8>(bytes) != 0) countUnits(bytes, (1 << count) - 1);
    at += count;
    if (found == 0) continue;
    if (at >= to) break;
    const byte = <u32>load<u8>(at);
    if (byte == QUOTE) return at;
    if (byte != BACKSLASH) {
      bad(at, CONTROL);
      return 0;
    }
    escaped = true;
    const next = escapeEnd(at, to);
    if (next == 0) break;
    if (next == 1) return 0;
    at = next;
  }
  stop(min(at, to), to, isFinal);
  if (reason == 0) within = IN_STRING;
  return 0;
}

/** Of the bytes in the mask, those that are no unit of their own. */
function countUnits(bytes: v128, mask: u32): void {
  nonAscii = 1;
  const continuation = <u32>v128.bitmask<u8>(v128.lt<i8>(bytes, v128.splat<i8>(-64))) & mask;
  const fourByte = <u32>v128.bitmask<u8>(v128.ge<u8>(bytes, v128.splat<u8>(0xf0))) & mask;
  deficit += <u32>popcnt(continuation) - <u32>popcnt(fourByte);
}

/** The byte behind the escape at `at`; 0 when it is cut off, 1 when it is none. */
function escapeEnd(at: usize, to: usize): usize {
  if (at + 1 >= to) return 0;
  const byte = <u32>load<u8>(at + 1);
  if (byte != 0x75) return isEscape(byte) ? at + 2 : refuseEscape(at);
  for (let i: usize = 2; i < 6; i++) {
    if (at + i >= to) return 0;
    if (!isHex(<u32>load<u8>(at + i))) return refuseEscape(at);
  }
  return at + 6;
}

function refuseEscape(at: usize): usize {
  bad(at, ESCAPE);
  return 1;
}

/** `"`, `\`, `/`, b, f, n, r and t. */
@inline function isEscape(byte: u32): bool {
  return (
    byte == QUOTE ||
    byte == BACKSLASH ||
    byte == 0x2f ||
    byte == 0x62 ||
    byte == 0x66 ||
    byte == 0x6e ||
    byte == 0x72 ||
    byte == 0x74
  );
}

@inline function isHex(byte: u32): bool {
  return byte - 0x30 <= 9 || (byte | 0x20) - 0x61 <= 5;
}

// States of a number.
const START: u32 = 0;
const SIGNED: u32 = 1;
const ZERO: u32 = 2;
const DIGITS: u32 = 3;
const POINT: u32 = 4;
const FRACTION: u32 = 5;
const LETTER_E: u32 = 6;
const EXPONENT_SIGN: u32 = 7;
const EXPONENT_DIGITS: u32 = 8;

/** The byte behind the number that goes on at `from` in `numberState`, 0 when there is none. */
function numberEnd(from: usize, to: usize, isFinal: bool): usize {
  let at = from;
  let state = numberState;
  for (; at < to; at++) {
    const byte = <u32>load<u8>(at);
    const next = byte - 0x30 <= 9 ? onDigit(state, byte) : onSign(state, byte);
    if (next == NONE) break;
    state = next;
  }
  numberState = state;
  if (at < to || isFinal) {
    if (state == ZERO || state == DIGITS || state == FRACTION || state == EXPONENT_DIGITS) {
      // A digit behind a leading zero is part of no other token.
      if (at >= to || !(<u32>load<u8>(at) - 0x30 <= 9)) return at;
    }
    bad(at, at < to ? NUMBER : ENDED);
    return 0;
  }
  position = at;
  within = IN_NUMBER;
  return 0;
}

@inline function onDigit(state: u32, byte: u32): u32 {
  if (state == DIGITS || state == FRACTION || state == EXPONENT_DIGITS) return state;
  if (state <= SIGNED) return byte == 0x30 ? ZERO : DIGITS;
  if (state == POINT) return FRACTION;
  return state == ZERO ? NONE : EXPONENT_DIGITS;
}

/** What a byte that is no digit makes of a number: NONE when it is no part of it. */
@inline function onSign(state: u32, byte: u32): u32 {
  if (byte == 0x2e) return state == ZERO || state == DIGITS ? POINT : NONE;
  if ((byte | 0x20) == 0x65) return state == ZERO || state == DIGITS || state == FRACTION ? LETTER_E : NONE;
  if (byte == MINUS) return state == START ? SIGNED : state == LETTER_E ? EXPONENT_SIGN : NONE;
  return byte == 0x2b && state == LETTER_E ? EXPONENT_SIGN : NONE;
}

/** The byte behind `true`, `false` or `null`, 0 when there is none. */
function literal(byte: u32, at: usize, to: usize, isFinal: bool): usize {
  let text: u64 = 0x65757274;
  let type = TRUE;
  if (byte == 0x66) {
    text = 0x65736c6166;
    type = FALSE;
  } else if (byte == 0x6e) {
    text = 0x6c6c756e;
    type = NULL;
  }
  let end = at;
  for (; text != 0; text >>= 8, end++) {
    if (end >= to) {
      stop(at, to, isFinal);
      return 0;
    }
    if (load<u8>(end) != <u8>text) {
      bad(at, expected);
      return 0;
    }
  }
  note(type, 0, 0);
  return end;
}

const ROOT: u32 = 0;

// The known keys: for each its parent, the address and length of its text, and the last row that had it, a word each.
let nodeCount: u32 = 1;
let keyPointer: usize = 0;

@inline function nodeAt(node: u32): usize {
  return <usize>setting(6) + (<usize>node << 4);
}

@inline function stampOf(node: u32): usize {
  return nodeAt(node) + 12;
}

/** Where the text of the next key is to be put; 0 when there is no room for one of `length` bytes. */
export function keyRoom(length: u32): usize {
  return nodeCount < setting(12) && keyPointer + length + 16 <= setting(11) ? keyPointer : 0;
}

/** Makes the key known whose text was put where `keyRoom` said; it and `parent` must not be known together. */
export function addKey(parent: u32, length: u32, mark: u32): u32 {
  const node = nodeCount++;
  store<u32>(nodeAt(node), parent);
  store<u32>(nodeAt(node) + 4, <u32>keyPointer);
  store<u32>(nodeAt(node) + 8, length);
  store<u32>(stampOf(node), 0);
  store<u8>(setting(9) + node, <u8>mark);
  let slot = hash(parent, keyPointer, length) & setting(10);
  while (load<u32>(setting(7) + (slot << 2)) != 0) slot = (slot + 1) & setting(10);
  store<u32>(setting(7) + (slot << 2), node);
  keyPointer += length;
  return node;
}

function find(parent: u32, at: usize, length: u32): u32 {
  let slot = hash(parent, at, length) & setting(10);
  while (true) {
    const node = load<u32>(setting(7) + (slot << 2));
    if (node == 0) return NONE;
    const known = nodeAt(node);
    if (load<u32>(known) == parent && load<u32>(known + 8) == length && isSame(load<u32>(known + 4), at, length)) return node;
    slot = (slot + 1) & setting(10);
  }
}

/** Eight bytes at a time; those behind the end are masked out. */
function isSame(a: usize, b: usize, length: u32): bool {
  let left = length;
  for (; left >= 8; left -= 8, a += 8, b += 8) if (load<u64>(a) != load<u64>(b)) return false;
  return left == 0 || (load<u64>(a) ^ load<u64>(b)) << (64 - (left << 3)) == 0;
}

function hash(parent: u32, from: usize, length: u32): u32 {
  let sum: u64 = (<u64>parent << 32) + <u64>length;
  let at = from;
  let left = length;
  for (; left >= 8; left -= 8, at += 8) sum = (sum ^ load<u64>(at)) * MIX;
  if (left != 0) sum = (sum ^ (load<u64>(at) << (64 - (left << 3)))) * MIX;
  sum = (sum ^ (sum >> 32)) * MIX;
  return <u32>(sum >> 32);
}

const MIX: u64 = 0x9e3779b97f4a7c15;
