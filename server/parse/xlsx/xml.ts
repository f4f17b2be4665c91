import { Problem } from '../../core/problem.ts';
import { corrupt } from './corrupt.ts';
import { attributeName, createToken, hashOf, MAX_ATTRIBUTES, type XmlToken } from './xml-token.ts';

/** What a part's elements and texts are told to. Names are `nameHash`es of the local name, without its prefix. */
export interface XmlHandler {
  open(name: number, token: XmlToken): void;
  /** A piece of text inside the innermost open element; comments and CDATA sections split texts into pieces. */
  text(token: XmlToken): void;
  close(name: number): void;
  readonly shortcut?: Shortcut | undefined;
}

/** A handler's quicker way through what is written as it usually is. */
export interface Shortcut {
  /** The window for the tokenizer to work in: at least `size` bytes, the first ones as they were in the last window. */
  window(size: number): Buffer;
  /**
   * Takes what it can of whole elements from `bytes[from]` of the window on, and gives the place behind them, or `from` if it
   * takes nothing. It is asked between any two tokens within the root element; behind the bytes stand a `<` and a 0.
   */
  take(from: number, token: XmlToken): number;
}

/** Takes the bytes of one XML part as they come, in chunks cut anywhere. */
export interface XmlParser {
  /** @throws Problem of `fail`, `cell_too_large` (a text longer than `tokenBytes`), or what the handler throws. */
  write(chunk: Uint8Array): void;
  /** @throws Problem of `fail` when the part is not complete. */
  end(): void;
}

const LT = 0x3c;
const GT = 0x3e;
const SLASH = 0x2f;
const BANG = 0x21;
const QUESTION = 0x3f;
const EQUALS = 0x3d;
const COLON = 0x3a;
const SPACE = 0x20;
const AMP = 0x26;
const CR = 0x0d;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const SENTINEL = [LT, 0];
const MAX_DEPTH = 256;
const WINDOW_BYTES = 128 << 10;
const INCOMPLETE = -1;
/** Room for what a shortcut takes below the depth at which it is asked. */
const SHORTCUT_DEPTH = MAX_DEPTH - 8;

/**
 * A tokenizer for the UTF-8 XML of Office documents (XML 1.0 without DTD): well-formed in its tags, never resolving
 * anything outside the part. Holds at most `tokenBytes` of one tag or text, and one chunk. What is wrong with the part
 * is told by `fail`: `workbook_corrupt` if nothing else is given.
 */
export function createXmlParser(
  part: string,
  tokenBytes: number,
  handler: XmlHandler,
  fail = (what: string): Problem => corrupt(`the part "${part}" ${what}`),
): XmlParser {
  const { shortcut } = handler;
  const token = createToken(shortcut?.window(WINDOW_BYTES) ?? Buffer.allocUnsafe(WINDOW_BYTES), fail);
  const { names, nameStarts, starts, ends } = token;
  const openNames = new Int32Array(MAX_DEPTH);
  let depth = 0;
  let rootSeen = false;
  /** The window: `bytes[start]` up to `bytes[end]` are not yet tokenized, and `bytes[end]` is a `<` as a sentinel, with a 0 behind. */
  let bytes = token.bytes;
  let start = 0;
  let end = 0;
  /** Not worth looking again before the window reaches this far: keeps one long token from costing its length squared. */
  let wanted = 0;
  let nameEnd = 0;
  let fullName = 0;

  function write(chunk: Uint8Array): void {
    append(chunk);
    if (end < wanted) return;
    skipMark();
    scan();
    wanted = start + 2 * (end - start);
    if (end - start > tokenBytes) throw tooLong();
  }

  function append(chunk: Uint8Array): void {
    const rest = end - start;
    const size = rest + chunk.length + SENTINEL.length;
    if (size > bytes.length) bytes = token.bytes = shortcut?.window(2 * size) ?? larger(2 * size);
    bytes.copyWithin(0, start, end);
    bytes.set(chunk, rest);
    wanted -= start;
    start = 0;
    end = rest + chunk.length;
    bytes.set(SENTINEL, end);
  }

  function larger(size: number): Buffer {
    const buffer = Buffer.allocUnsafe(size);
    bytes.copy(buffer, 0, 0, end);
    return buffer;
  }

  function skipMark(): void {
    if (!rootSeen && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) start += 3;
  }

  function scan(): void {
    token.filled = end;
    token.window = shortcut ? '' : bytes.toString('latin1', 0, end);
    token.decoded = 0;
    while (start < end) {
      const next = shortened(start);
      if (next === INCOMPLETE) return;
      start = next;
    }
  }

  function shortened(from: number): number {
    const behind = shortcut && depth > 0 && depth < SHORTCUT_DEPTH ? shortcut.take(from, token) : from;
    if (behind > from) return behind;
    return bytes[from] === LT ? markup(from) : text(from);
  }

  function text(from: number): number {
    const window = bytes;
    let seen = 0;
    let special = false;
    let at = from;
    for (let byte = window[at]!; byte !== LT; byte = window[++at]!) {
      seen |= byte;
      if (byte === AMP || byte === CR) special = true;
    }
    if (at === end) return INCOMPLETE;
    tell(from, at, seen < 0x80 && !special, false);
    return at;
  }

  function tell(from: number, to: number, plain: boolean, cdata: boolean): void {
    if (depth === 0) {
      refuseOutside(from, to);
      return;
    }
    token.start = from;
    token.end = to;
    token.plain = plain;
    token.cdata = cdata;
    handler.text(token);
  }

  function refuseOutside(from: number, to: number): void {
    for (let at = from; at < to; at++) if (bytes[at]! > SPACE) throw fail('has text outside its root element');
  }

  function markup(from: number): number {
    if (from + 1 === end) return INCOMPLETE;
    const kind = bytes[from + 1];
    if (kind === SLASH) return closingTag(from + 2);
    if (kind === BANG) return declaration(from);
    if (kind === QUESTION) return after('?>', from + 2);
    return openingTag(from + 1);
  }

  function openingTag(from: number): number {
    const name = readName(from);
    const own = fullName;
    token.nameStart = from;
    token.nameEnd = nameEnd;
    if (nameEnd === from && nameEnd !== end) throw fail('has a tag without a name');
    const close = readAttributes(nameEnd);
    if (close === INCOMPLETE) return INCOMPLETE;
    if (bytes[close] === GT) {
      opened(name, own);
      return close + 1;
    }
    if (close + 1 === end) return INCOMPLETE;
    if (bytes[close + 1] !== GT) throw fail('has a stray "/"');
    opened(name, own);
    closed(name, own);
    return close + 2;
  }

  function opened(name: number, own: number): void {
    if (depth === 0 && rootSeen) throw fail('has two root elements');
    if (depth === MAX_DEPTH) throw fail('is nested too deep');
    rootSeen = true;
    openNames[depth++] = own;
    handler.open(name, token);
  }

  function closed(name: number, own: number): void {
    if (depth === 0 || openNames[depth - 1] !== own) throw fail('closes an element that is not open');
    depth--;
    handler.close(name);
  }

  function closingTag(from: number): number {
    const name = readName(from);
    const own = fullName;
    let at = nameEnd;
    while (bytes[at]! <= SPACE) at++;
    if (at === end) return INCOMPLETE;
    if (bytes[at] !== GT) throw fail('has an unfinished tag');
    closed(name, own);
    return at + 1;
  }

  /** The hash of the local name; leaves that of the whole name in `fullName` and its end in `nameEnd`. */
  function readName(from: number): number {
    const window = bytes;
    let at = from;
    let hash = 0;
    let local = from;
    for (let byte = window[at]!; byte > SPACE && byte !== GT && byte !== SLASH && byte !== LT; byte = window[++at]!) {
      hash = (Math.imul(hash, 31) + byte) | 0;
      if (byte === COLON) local = at + 1;
    }
    nameEnd = at;
    fullName = hash;
    return local === from ? hash : hashOf(window, local, at);
  }

  /**
   * Fills the token's attributes; gives the place of the tag's `>` or `/`. One function, because it takes most of the
   * time of reading a sheet: with one for each step, tokenizing took twice as long.
   */
  function readAttributes(from: number): number {
    const window = bytes;
    let count = 0;
    for (let at = from; ; at++) {
      let byte = window[at]!;
      while (byte <= SPACE) byte = window[++at]!;
      if (byte === GT || byte === SLASH) {
        token.count = count;
        return at;
      }
      const nameStart = at;
      let hash = 0;
      for (; byte > SPACE && byte !== EQUALS && byte !== LT && byte !== GT; byte = window[++at]!) {
        hash = (Math.imul(hash, 31) + byte) | 0;
      }
      const named = at > nameStart;
      while (byte <= SPACE) byte = window[++at]!;
      if (at === end) return INCOMPLETE;
      if (byte !== EQUALS || !named) throw fail('has a damaged tag');
      do byte = window[++at]!;
      while (byte <= SPACE);
      if (at === end) return INCOMPLETE;
      if (byte !== QUOTE && byte !== APOSTROPHE) throw fail('has an attribute without quotes');
      const quote = byte;
      const start = ++at;
      for (byte = window[at]!; byte !== quote && byte !== LT; ) byte = window[++at]!;
      if (byte === quote) keepAttribute(count++, hash, nameStart, start, at);
      else if (at === end) return INCOMPLETE;
      else throw fail('has an attribute that never ends');
    }
  }

  function keepAttribute(index: number, name: number, nameStart: number, from: number, to: number): void {
    if (index === MAX_ATTRIBUTES) throw fail('has a tag with too many attributes');
    names[index] = name;
    nameStarts[index] = nameStart;
    starts[index] = from;
    ends[index] = to;
    for (let i = 0; i < index; i++) {
      if (names[i] !== name || attributeName(token, i) !== attributeName(token, index)) continue;
      throw fail('has a tag with an attribute twice');
    }
  }

  function declaration(from: number): number {
    if (standsAt('<!--', from)) return after('-->', from + 4);
    if (standsAt('<![CDATA[', from)) return cdata(from + 9);
    if (end - from < 9) return INCOMPLETE;
    if (standsAt('<!DOCTYPE', from)) throw fail('declares a document type (DTD), which is not read');
    throw fail('has a damaged tag');
  }

  function cdata(from: number): number {
    const next = after(']]>', from);
    if (next !== INCOMPLETE) tell(from, next - 3, false, true);
    return next;
  }

  function standsAt(text: string, at: number): boolean {
    return at + text.length <= end && bytes.toString('latin1', at, at + text.length) === text;
  }

  function after(text: string, from: number): number {
    const at = bytes.subarray(0, end).indexOf(text, from);
    return at < 0 ? INCOMPLETE : at + text.length;
  }

  function tooLong(): Problem {
    if (bytes[start] === LT && !standsAt('<![CDATA[', start)) return fail('has a tag that never ends');
    return new Problem('cell_too_large', `A text in the part "${part}" is longer than a cell may be. Shorten it.`);
  }

  return {
    write,
    end() {
      wanted = 0;
      scan();
      if (start < end || depth > 0 || !rootSeen) refuseTruncated();
    },
  };

  function refuseTruncated(): void {
    if (depth > 0 || !rootSeen || bytes[start] === LT) throw fail('ends too early');
    refuseOutside(start, end);
  }
}
