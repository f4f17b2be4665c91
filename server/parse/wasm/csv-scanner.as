// Finds the cells of delimited text (AssemblyScript; built by scripts/build-scanners.ts, used by ../csv-scanner.ts).
//
// 64 bytes at a time become a bit mask of the bytes that can matter: delimiter, quote, escape, LF, CR. A small state machine
// walks the set bits. Cell positions are given in UTF-16 units, so that the caller can slice the decoded string:
// a byte that is no continuation byte is one unit, and the lead byte of a four-byte sequence is one more.

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
const RESULTS: usize = 64;

@inline function setting(index: usize): u32 {
  return load<u32>(SETTINGS + (index << 2));
}

let base: usize = 0; // of the input: positions are given from there
let rowsAt: usize = 0;
let cellsAt: usize = 0;
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
