// Finds the cells of delimited text (AssemblyScript; built by scripts/build-scanners.ts, used by ../csv-scanner.ts).
//
// 64 bytes at a time become a bit mask of the bytes that can matter: delimiter, quote, escape, LF, CR. A small state machine
// walks the set bits. Cell positions are given in UTF-16 units, so that the caller can slice the decoded string:
// a byte that is no continuation byte is one unit, and the lead byte of a four-byte sequence is one more.
//
// What a cell is at a glance is told beside it: its bytes are at hand here, and to look at them again as characters of a string
// costs ten times as much.

const LF: u32 = 0x0a;
const CR: u32 = 0x0d;
const BLANK: u32 = 0x20;

// States within a cell.
const PLAIN: i32 = 0; // outside quotes; a quote as the first character opens
const QUOTED: i32 = 1;
const CLOSING: i32 = 2; // behind a quote that either closes or is the first of a doubled one
const LITERAL: i32 = 3; // behind a closing quote that text follows: all of the cell is taken as it stands

// Kinds of a cell, in the two high bits of its end: the sign tells a plain one from one of which something is taken away.
const KIND_PLAIN: u32 = 0;
const KIND_QUOTED: u32 = 2 << 30;
const KIND_ESCAPED: u32 = 3 << 30; // quotes were doubled in it, or the escape was used

// What a cell is at a glance; the meanings are those of `GLANCES` in ../../core/batch.ts.
const UNKNOWN: u32 = 0;
const WORDS: u32 = 1;
const INTEGER: u32 = 2;
const DECIMAL: u32 = 3;
const DAY: u32 = 4;
const EMAIL: u32 = 5;
const PHONE: u32 = 6;

// Results of a scan.
const DONE: u32 = 0; // all bytes were looked at; what is behind `consumed` is the start of a row
const FULL: u32 = 1; // the tables of rows or cells are full; scan again from `consumed`
const FAILED: u32 = 2; // the row at `consumed` cannot be read

// Why a row failed.
const CELL_TOO_LARGE: u32 = 1;
const QUOTE_UNTERMINATED: u32 = 2;
const ROW_TOO_LARGE: u32 = 3;

// Settings and results: 32-bit words that the caller reads and writes by address.
const SETTINGS: usize = 0;
const RESULTS: usize = 128;

@inline function setting(index: usize): u32 {
  return load<u32>(SETTINGS + (index << 2));
}

let base: usize = 0; // of the input: positions are given from there
let rowsAt: usize = 0;
let cellsAt: usize = 0;
let glancesAt: usize = 0;
let rowsEnd: usize = 0;
let columns: u32 = 0;
let cellLength: u32 = 0;
let rowBytes: usize = 0;
let delimiterBytes: usize = 1;
let delimiterUnits: u32 = 1;
let delimiterWord: u32 = 0;
let quote: u32 = 0; // above 0xff when there is none, and so is the escape
let escape: u32 = 0;
let isPadded: bool = false; // a blank behind a delimiter belongs to it
let isSpecial: bool = false; // not merely a delimiter of one byte

let rowStart: usize = 0;
let cellStart: usize = 0;
let cellUnit: u32 = 0;
let state: i32 = PLAIN;
let cellCount: u32 = 0;
let cellPointer: usize = 0;
let rowPointer: usize = 0;
let surplus: u32 = 0; // 1 when a cell behind the last column holds something
let doubled: bool = false;
let escaped: bool = false; // the escape was used in a cell without quotes
let escapedAt: usize = 0; // the byte that the escape before it makes a character
let strays: u32 = 0; // quotes behind the closing one
let strayAt: usize = 0;
let quoteAt: usize = 0;
let quoteUnit: u32 = 0;
let breakUnit: u32 = 0; // of the first line break within quotes, or NONE
let failure: u32 = 0;
let lineFeedAt: usize = 0; // of an LF that belongs to the CR before it

const NONE: u32 = 0xffffffff;

/** Scans the bytes from `from` up to `to`; 63 bytes behind `to` may be read too. */
export function scan(from: usize, to: usize, isFinal: bool): u32 {
  begin(from);
  const delimiter = v128.splat<u8>(<u8>setting(0));
  const quotes = v128.splat<u8>(<u8>setting(12));
  const escapes = v128.splat<u8>(<u8>setting(14));
  const lineFeed = v128.splat<u8>(<u8>LF);
  const carriage = v128.splat<u8>(<u8>CR);
  let units: u32 = 0;
  let nonAscii: u32 = 0;
  for (let block = from; block < to; block += 64) {
    let found: u64 = 0;
    let continuation: u64 = 0;
    let fourByte: u64 = 0;
    let high: u64 = 0;
    for (let part: usize = 0; part < 64; part += 16) {
      const bytes = v128.load(block + part);
      const hits = v128.or(
        v128.or(v128.eq<u8>(bytes, delimiter), v128.eq<u8>(bytes, quotes)),
        v128.or(v128.or(v128.eq<u8>(bytes, lineFeed), v128.eq<u8>(bytes, carriage)), v128.eq<u8>(bytes, escapes)),
      );
      found |= <u64>(<u32>v128.bitmask<u8>(hits)) << part;
      high |= <u64>(<u32>v128.bitmask<u8>(bytes)) << part;
    }
    const left = to - block;
    const inside: u64 = left < 64 ? (<u64>1 << left) - 1 : ~(<u64>0);
    found &= inside;
    high &= inside;
    if (high != 0) {
      nonAscii = 1;
      for (let part: usize = 0; part < 64; part += 16) {
        const bytes = v128.load(block + part);
        continuation |= <u64>(<u32>v128.bitmask<u8>(v128.lt<i8>(bytes, v128.splat<i8>(-64)))) << part;
        fourByte |= <u64>(<u32>v128.bitmask<u8>(v128.ge<u8>(bytes, v128.splat<u8>(0xf0)))) << part;
      }
      continuation &= inside;
      fourByte &= inside;
    }
    while (found != 0) {
      const bit = ctz(found);
      found &= found - 1;
      let unit = units + <u32>bit;
      if (high != 0) {
        const below: u64 = (<u64>1 << bit) - 1;
        unit = unit - <u32>popcnt(continuation & below) + <u32>popcnt(fourByte & below);
      }
      const at = block + <usize>bit;
      const more = step(at, unit, to, isFinal);
      if (more == 0) continue;
      return finish(more == 1 ? FULL : more == 2 ? FAILED : DONE, nonAscii);
    }
    units += <u32>min<usize>(left, 64);
    if (high != 0) units = units - <u32>popcnt(continuation) + <u32>popcnt(fourByte);
  }
  const ended = isFinal ? close(to, units) : pause(to, units);
  return finish(ended ? DONE : FAILED, nonAscii);
}

function begin(from: usize): void {
  delimiterBytes = setting(1);
  delimiterUnits = setting(2);
  delimiterWord = setting(3);
  columns = setting(4);
  cellLength = setting(5);
  rowBytes = setting(6);
  rowsAt = setting(7);
  rowsEnd = setting(8);
  cellsAt = setting(9);
  glancesAt = setting(16);
  base = setting(10);
  quote = setting(11);
  escape = setting(13);
  isPadded = setting(15) != 0;
  isSpecial = isPadded || delimiterBytes > 1 || escape <= 0xff;
  rowPointer = rowsAt;
  cellPointer = cellsAt;
  failure = 0;
  lineFeedAt = 0;
  escapedAt = 0;
  startRow(from, 0);
}

function finish(status: u32, nonAscii: u32): u32 {
  store<u32>(RESULTS, status);
  store<u32>(RESULTS + 4, <u32>((rowPointer - rowsAt) >> 4));
  store<u32>(RESULTS + 8, <u32>(rowStart - base));
  store<u32>(RESULTS + 12, nonAscii);
  store<u32>(RESULTS + 16, failure);
  store<u32>(RESULTS + 20, <u32>(cellStart - base));
  store<u32>(RESULTS + 24, cellCount);
  return status;
}

/** What a byte that can matter changes: 0 go on, 1 tables full, 2 the row failed, 3 the next byte is needed. */
@inline function step(at: usize, unit: u32, to: usize, isFinal: bool): i32 {
  const byte = <u32>load<u8>(at);
  if (byte == quote) return onQuote(at, unit);
  if (state == QUOTED) {
    if (byte == LF || byte == CR) {
      if (breakUnit == NONE) breakUnit = unit;
    } else if (byte == escape) onEscape(at);
    return 0;
  }
  if (byte == LF || byte == CR) return onLineBreak(byte, at, unit, to, isFinal);
  if (isSpecial) return onSpecial(byte, at, unit, to);
  if (!endCell(at, unit)) return 2;
  return startCell(at + 1, unit + 1) ? 0 : 2;
}

/** An escape, or a delimiter that is more than a byte. */
function onSpecial(byte: u32, at: usize, unit: u32, to: usize): i32 {
  if (byte == escape) {
    onEscape(at);
    return 0;
  }
  if (delimiterBytes > 1 && !isDelimiter(at)) return 0;
  const endAt = at - delimiterBytes + 1;
  if (endAt == escapedAt) {
    escaped = true;
    return 0;
  }
  const isLong = delimiterBytes > 1;
  if (!endCell(endAt, isLong ? unit - delimiterUnits : unit)) return 2;
  let nextAt = at + 1;
  let next = isLong ? unit : unit + 1;
  if (isPadded && nextAt < to && <u32>load<u8>(nextAt) == BLANK) {
    nextAt++;
    next++;
  }
  return startCell(nextAt, next) ? 0 : 2;
}

function onEscape(at: usize): void {
  if (at != escapedAt) {
    escapedAt = at + 1;
    return;
  }
  if (state == QUOTED) doubled = true;
  else escaped = true;
}

/** Whether the delimiter of several bytes ends at `at`. */
function isDelimiter(at: usize): bool {
  if (at + 1 < cellStart + delimiterBytes) return false;
  for (let i: usize = 0; i < delimiterBytes; i++) {
    if (<u32>load<u8>(at - i) != ((delimiterWord >> <u32>(i << 3)) & 0xff)) return false;
  }
  return true;
}

@inline function onQuote(at: usize, unit: u32): i32 {
  if (state == PLAIN) {
    if (at == cellStart) {
      state = QUOTED;
      breakUnit = NONE;
      doubled = false;
    } else if (at == escapedAt) escaped = true;
    return 0;
  }
  if (state == QUOTED) {
    if (at == escapedAt) {
      doubled = true;
      return 0;
    }
    state = CLOSING;
    quoteAt = at;
    quoteUnit = unit;
    return 0;
  }
  if (state == CLOSING) {
    if (at == quoteAt + 1) {
      doubled = true;
      state = QUOTED;
      return 0;
    }
    if (!becomeLiteral()) return 2;
  }
  strays++;
  strayAt = at;
  return 0;
}

function onLineBreak(byte: u32, at: usize, unit: u32, to: usize, isFinal: bool): i32 {
  if (byte == LF && at == lineFeedAt) return 0;
  let next = at + 1;
  if (byte == CR) {
    if (next < to) {
      if (<u32>load<u8>(next) == LF) {
        lineFeedAt = next;
        next++;
      }
    } else if (!isFinal) return 3;
  }
  if (at != rowStart && !endCell(at, unit)) return 2;
  return endRow(next, unit + <u32>(next - at)) ? 0 : 1;
}

/** Takes a cell that ends before `at`; false when it, and with it its row, cannot be taken. */
@inline function endCell(at: usize, unit: u32): bool {
  let start = cellUnit;
  let end = unit;
  let kind = KIND_PLAIN;
  if (state >= CLOSING) {
    escaped = false;
    if (state == CLOSING && at == quoteAt + 1) {
      start = cellUnit + 1;
      end = quoteUnit;
      kind = doubled ? KIND_ESCAPED : KIND_QUOTED;
      if (end - start > cellLength) return fail(quoteFailure());
    } else if (state == CLOSING) {
      if (!becomeLiteral()) return false;
    } else if ((strays & 1) == 1 && strayAt + 1 == at) {
      start = cellUnit + 1;
      end = unit - 1;
      kind = KIND_QUOTED;
    }
  } else if (escaped) {
    kind = KIND_ESCAPED;
    escaped = false;
  }
  if (end - start > cellLength) return fail(CELL_TOO_LARGE);
  if (cellCount < columns) {
    const from = cellStart + (start - cellUnit);
    const seen = kind == KIND_ESCAPED ? UNKNOWN : glance(from, kind == KIND_QUOTED ? (state == CLOSING ? quoteAt : at - 1) : at);
    store<u8>(glancesAt + ((cellPointer - cellsAt) >> 3), seen);
    store<u32>(cellPointer, start);
    store<u32>(cellPointer + 4, end | kind);
    cellPointer += 8;
  } else if (end != start || kind != KIND_PLAIN) surplus = 1;
  cellCount++;
  return true;
}

/**
 * Text behind a closing quote: the cell is taken as it stands, unless it spans lines, which no writer means. If it ends
 * with a quote too, and one quote between the two is without a partner, that one is text and the outer ones are quotes.
 */
function becomeLiteral(): bool {
  if (quoteUnit - cellUnit - 1 > cellLength) return fail(quoteFailure());
  if (breakUnit != NONE) return fail(QUOTE_UNTERMINATED);
  state = LITERAL;
  strays = 0;
  return true;
}

/** A quoted cell that is too long is one that never ended, if it goes on over lines. */
function quoteFailure(): u32 {
  return breakUnit != NONE && breakUnit - cellUnit - 1 <= cellLength ? QUOTE_UNTERMINATED : CELL_TOO_LARGE;
}

function fail(reason: u32): bool {
  failure = reason;
  return false;
}

@inline function startCell(at: usize, unit: u32): bool {
  cellStart = at;
  cellUnit = unit;
  state = PLAIN;
  return at - rowStart > rowBytes ? fail(ROW_TOO_LARGE) : true;
}

@inline function startRow(at: usize, unit: u32): void {
  rowStart = at;
  cellStart = at;
  cellUnit = unit;
  state = PLAIN;
  cellCount = 0;
  surplus = 0;
  escaped = false;
}

/** Notes the row that ends before `next`; false when there is no room for another one. */
function endRow(next: usize, unit: u32): bool {
  store<u32>(rowPointer, cellCount);
  store<u32>(rowPointer + 4, <u32>(next - base));
  store<u32>(rowPointer + 8, unit);
  store<u32>(rowPointer + 12, surplus);
  rowPointer += 16;
  startRow(next, unit);
  return rowPointer < rowsEnd && cellPointer < rowsAt - (<usize>columns << 3);
}

/** The end of the file closes a cell and a row, if one has begun. */
function close(to: usize, unit: u32): bool {
  if (to == rowStart) return true;
  if (state == QUOTED) return fail(unit - cellUnit - 1 > cellLength ? quoteFailure() : QUOTE_UNTERMINATED);
  if (!endCell(to, unit)) return false;
  endRow(to, unit);
  return true;
}

/** The bytes end within a row: fails now if no further byte can save it, so that nobody waits for more. */
function pause(to: usize, unit: u32): bool {
  if (state == CLOSING) {
    if (to <= quoteAt + delimiterBytes) return true;
    if (!becomeLiteral()) return false;
  }
  if (state == QUOTED) return unit - cellUnit - 1 > cellLength ? fail(quoteFailure()) : true;
  // A delimiter of several bytes may have begun, and quotes may enclose the cell: their units are not the cell's.
  return unit - cellUnit > cellLength + 4 ? fail(CELL_TOO_LARGE) : true;
}

/** What the bytes from `from` up to `to` are at a glance; 15 bytes behind `to` may be read too. */
@inline function glance(from: usize, to: usize): u32 {
  const length = <u32>(to - from);
  if (length == 0) return UNKNOWN;
  if (length > 16) return glanceLong(from, to);
  const inside: u32 = (1 << length) - 1;
  const bytes = v128.load(from);
  const digits = digitsOf(bytes) & inside;
  const others = inside & ~digits;
  if (others == 0) {
    if (length == 1 || (length <= MOST_DIGITS && <u32>load<u8>(from) != ZERO)) return INTEGER;
    return length < SHORTEST_NUMBER ? WORDS : UNKNOWN;
  }
  const ats = maskOf(bytes, AT) & inside;
  if ((ats | (digits & (digits >> 1))) == 0) return WORDS;
  if ((others & (others - 1)) == 0 && isDecimal(from, length, ctz(others))) return DECIMAL;
  if (<u32>load<u8>(from) == PLUS && isPhone(from, bytes, digits, others)) return PHONE;
  if (others == DAY_HYPHENS && length == 10 && isDay(from)) return DAY;
  if (ats != 0) return isEmail(from, to) ? EMAIL : UNKNOWN;
  return areWords(from, to) ? WORDS : UNKNOWN;
}

const AT: u32 = 0x40;
const PLUS: u32 = 0x2b;
const POINT: u32 = 0x2e;
const HYPHEN: u32 = 0x2d;
const ZERO: u32 = 0x30;
const MOST_DIGITS: u32 = 15;
const DAY_HYPHENS: u32 = (1 << 4) | (1 << 7);

/** A bit for each of 16 bytes that is a digit. */
@inline function digitsOf(bytes: v128): u32 {
  return <u32>v128.bitmask<u8>(v128.le<u8>(v128.sub<u8>(bytes, v128.splat<u8>(<u8>ZERO)), v128.splat<u8>(9)));
}

/** Looks at 16 bytes at a time for a digit beside another one and for an `@`; few texts have either. */
function glanceLong(from: usize, to: usize): u32 {
  let pairs: u32 = 0;
  let ats: u32 = 0;
  let carry: u32 = 0;
  for (let at = from; at < to; at += 16) {
    const left = to - at;
    const inside: u32 = left < 16 ? (1 << <u32>left) - 1 : 0xffff;
    const bytes = v128.load(at);
    const digits = ((digitsOf(bytes) & inside) << 1) | carry;
    pairs |= digits & (digits >> 1);
    ats |= maskOf(bytes, AT) & inside;
    carry = digits >> 16;
  }
  if ((pairs | ats) == 0) return WORDS;
  if (to - from > 64) return UNKNOWN;
  if (ats != 0) return isEmail(from, to) ? EMAIL : UNKNOWN;
  return areWords(from, to) ? WORDS : UNKNOWN;
}

@inline function maskOf(bytes: v128, byte: u32): u32 {
  return <u32>v128.bitmask<u8>(v128.eq<u8>(bytes, v128.splat<u8>(<u8>byte)));
}

/** A bit for each of 16 bytes that is an ASCII letter. */
@inline function lettersOf(bytes: v128): u32 {
  return rangeOf(v128.or(bytes, v128.splat<u8>(0x20)), 0x61);
}

/** A bit for each of 16 bytes that is `first` or one of the 25 behind it. */
@inline function rangeOf(bytes: v128, first: u32): u32 {
  return <u32>v128.bitmask<u8>(v128.le<u8>(v128.sub<u8>(bytes, v128.splat<u8>(<u8>first)), v128.splat<u8>(25)));
}

/** Digits that are fewer are no identifier, as letters and digits in one run are not. */
const SHORTEST_NUMBER: u64 = 8;
const SHORTEST_CODE: u64 = 4;

/**
 * Whether all digits of at most 64 bytes are in short numbers that stand alone: with neither a gap and a digit behind them nor
 * a capital and a gap before them, and with letters in very short runs only. A gap is a blank, a hyphen or a no-break space.
 */
function areWords(from: usize, to: usize): bool {
  let digits: u64 = 0;
  let letters: u64 = 0;
  let capitals: u64 = 0;
  let gaps: u64 = 0;
  let noBreaks: u64 = 0; // the second byte of a no-break space, and perhaps of other characters
  for (let at = from; at < to; at += 16) {
    const part = <u64>(at - from);
    const bytes = v128.load(at);
    digits |= <u64>digitsOf(bytes) << part;
    letters |= <u64>lettersOf(bytes) << part;
    capitals |= <u64>rangeOf(bytes, 0x41) << part;
    gaps |= <u64>(maskOf(bytes, BLANK) | maskOf(bytes, HYPHEN)) << part;
    noBreaks |= <u64>maskOf(bytes, 0xa0) << part;
  }
  const inside = spanOf(0, <u64>(to - from));
  digits &= inside;
  const behind = (digits | capitals) << 1;
  if (((((behind & gaps) << 1) | (((behind << 1) & noBreaks) << 1)) & digits) != 0) return false;
  const others = ~((digits | letters) & inside);
  for (let left = digits; left != 0; ) {
    const at = <u64>ctz(left);
    const before = others & spanOf(0, at);
    const start = before == 0 ? 0 : 64 - clz(before);
    const after = others & ~spanOf(0, at);
    const end = after == 0 ? 64 : ctz(after);
    const run = spanOf(start, end);
    if (end - start >= ((letters & run) == 0 ? SHORTEST_NUMBER : SHORTEST_CODE)) return false;
    left &= ~run;
  }
  return true;
}

/** The bits from `start` to before `end`. */
@inline function spanOf(start: u64, end: u64): u64 {
  return (end >= 64 ? ~(<u64>0) : (<u64>1 << end) - 1) & ~((<u64>1 << start) - 1);
}

/**
 * Whether at most 64 bytes are one of the usual addresses: a name, `@`, labels with points between them that begin with no
 * hyphen, and letters as the last one.
 */
function isEmail(from: usize, to: usize): bool {
  let digits: u64 = 0;
  let letters: u64 = 0;
  let points: u64 = 0;
  let hyphens: u64 = 0;
  let signs: u64 = 0; // that stand before the `@` only
  let ats: u64 = 0;
  for (let at = from; at < to; at += 16) {
    const part = <u64>(at - from);
    const bytes = v128.load(at);
    digits |= <u64>digitsOf(bytes) << part;
    letters |= <u64>lettersOf(bytes) << part;
    points |= <u64>maskOf(bytes, POINT) << part;
    hyphens |= <u64>maskOf(bytes, HYPHEN) << part;
    signs |= <u64>(maskOf(bytes, 0x2b) | maskOf(bytes, 0x5f)) << part;
    ats |= <u64>maskOf(bytes, AT) << part;
  }
  const at = <u64>ctz(ats);
  const alnum = digits | letters;
  const name = spanOf(0, at);
  const domain = spanOf(0, <u64>(to - from)) & ~spanOf(0, at + 1);
  const separators = points & domain;
  if (at == 0 || separators == 0 || (~(alnum | points | hyphens | signs) & name) != 0) return false;
  if ((~(alnum | points | hyphens) & domain) != 0) return false;
  if (((((separators | (<u64>1 << at)) << 1) & domain) & ~alnum) != 0) return false;
  const last = domain & ~spanOf(0, 64 - clz(separators));
  const length = popcnt(last);
  return (last & ~letters) == 0 && length >= 2 && length <= 24;
}

/** Digits with a point among them, written as the double's own text is; a fraction of three digits may be a group. */
function isDecimal(from: usize, length: u32, point: u32): bool {
  const fraction = length - 1 - point;
  if (<u32>load<u8>(from + point) != POINT || point == 0 || fraction == 0 || fraction == 3 || length > MOST_DIGITS) return false;
  if (<u32>load<u8>(from) == ZERO && (point > 1 || fraction > 5)) return false;
  return <u32>load<u8>(from + length - 1) != ZERO;
}

/** A plus before 8 to 15 digits, the first of which is not zero, with blanks and hyphens between them. */
function isPhone(from: usize, bytes: v128, digits: u32, others: u32): bool {
  const gaps = maskOf(bytes, BLANK) | maskOf(bytes, HYPHEN);
  const count = popcnt(digits);
  return (others & ~(gaps | 1)) == 0 && <u32>load<u8>(from + 1) != ZERO && count >= 8 && count <= 15;
}

/** `2024-02-28`, of which the digits and the hyphens are known: a day that every year from 1000 on has. */
function isDay(from: usize): bool {
  const month = twoDigits(from + 5);
  const day = twoDigits(from + 8);
  if (<u32>load<u8>(from) == ZERO || <u32>load<u8>(from + 4) != HYPHEN || <u32>load<u8>(from + 7) != HYPHEN) return false;
  if (month == 0 || month > 12 || day == 0 || day > 31) return false;
  if (day <= 28) return true;
  return month != 2 && (day <= 30 || !(month == 4 || month == 6 || month == 9 || month == 11));
}

@inline function twoDigits(at: usize): u32 {
  return (<u32>load<u8>(at) - ZERO) * 10 + (<u32>load<u8>(at + 1) - ZERO);
}
