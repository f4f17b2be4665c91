import { isUtf8 } from 'node:buffer';
import type { Problem } from '../../core/problem.ts';

/** More attributes than any tag of a workbook has. */
export const MAX_ATTRIBUTES = 128;

/**
 * What the tokenizer stands on: the text between two tags, or the attributes of an opening tag. One object is used
 * for all tokens of a part; what is wanted longer than the call must be copied out with the functions below.
 */
export interface XmlToken {
  bytes: Buffer;
  /** The problem of `what` ("has two root elements"), in the words of who reads the part. */
  readonly fail: (what: string) => Problem;
  /** How much of `bytes` is filled. */
  filled: number;
  /**
   * That much as Latin-1, of which a short text is cut in a fraction of the time of decoding it. With a shortcut, which leaves
   * few of them, it is '' until it pays.
   */
  window: string;
  /** Short texts that were decoded by themselves since `bytes` changed. */
  decoded: number;
  /** The text's bytes are `bytes[start]` up to but not including `bytes[end]`. */
  start: number;
  end: number;
  /** The text is ASCII without references and line ends to be changed: its bytes are its characters. */
  plain: boolean;
  /** The text stood in a CDATA section, where `&` is an ordinary character. */
  cdata: boolean;
  /** The whole name of the tag is `bytes[nameStart]` up to but not including `bytes[nameEnd]`. */
  nameStart: number;
  nameEnd: number;
  /** How many attributes the tag has. Values are ranges of `bytes`. */
  count: number;
  /** `nameHash`es of the attributes' whole names. */
  readonly names: Int32Array;
  /** Where the attributes' names start in `bytes`. */
  readonly nameStarts: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** V8 copies slices up to this length; a longer one would keep the whole window alive. */
const MAX_COPIED = 12;
/** So many short texts are decoded by themselves. */
const MAX_DECODED = 16;

/** An empty token over `bytes`. */
export function createToken(bytes: Buffer, fail: XmlToken['fail']): XmlToken {
  const list = () => new Int32Array(MAX_ATTRIBUTES);
  const attributes = { count: 0, names: list(), nameStarts: list(), starts: list(), ends: list() };
  const text = { start: 0, end: 0, plain: true, cdata: false };
  return { bytes, fail, filled: 0, window: '', decoded: 0, ...text, nameStart: 0, nameEnd: 0, ...attributes };
}

/**
 * The number that stands for an XML name in tokens. Comparing numbers saves a string for each of the two tags of
 * each cell. Two names that share a number could only be made on purpose, and only to be misread as each other.
 */
export function nameHash(name: string): number {
  const bytes = Buffer.from(name);
  return hashOf(bytes, 0, bytes.length);
}

/** Which element leads from a place to which other place, by `nameHash`, given the names. */
export function leadsOf<Place extends string>(
  places: Readonly<Record<Place, Readonly<Record<string, Place>>>>,
): ReadonlyMap<Place, ReadonlyMap<number, Place>> {
  const entries = Object.entries(places) as [Place, Readonly<Record<string, Place>>][];
  return new Map(
    entries.map(([place, leads]) => [place, new Map(Object.entries(leads).map(([name, to]) => [nameHash(name), to]))]),
  );
}

/** The `nameHash` of the name that is `bytes[start]` up to but not including `bytes[end]`. */
export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
  return hash;
}

/** The token's text with references and line ends resolved (XML 1.0, 2.11 and 4.4). @throws Problem of `fail`. */
export function textOf(token: XmlToken): string {
  if (token.plain) return plainText(token);
  const text = utf8(token, token.start, token.end).replace(/\r\n?/g, '\n');
  return token.cdata ? text : resolve(text, token);
}

/** The token as the text that is `bytes[start]` up to but not including `bytes[end]`, with what is to be resolved. */
export function toText(token: XmlToken, start: number, end: number): XmlToken {
  token.start = start;
  token.end = end;
  token.plain = false;
  token.cdata = false;
  return token;
}

/** The whole name of the tag, its bytes. */
export function nameOf({ bytes, nameStart, nameEnd }: XmlToken): Uint8Array {
  return bytes.subarray(nameStart, nameEnd);
}

/** The value of the attribute whose name hashes to `name`, or `undefined`. @throws Problem of `fail`. */
export function attributeOf(token: XmlToken, name: number): string | undefined {
  for (let i = 0; i < token.count; i++) {
    if (token.names[i] === name) return attributeAt(token, i);
  }
  return undefined;
}

/** The value of the first attribute with a prefix and this local name, or `undefined`. @throws Problem of `fail`. */
export function prefixedAttributeOf(token: XmlToken, localName: string): string | undefined {
  for (let i = 0; i < token.count; i++) {
    if (attributeName(token, i).endsWith(`:${localName}`)) return attributeAt(token, i);
  }
  return undefined;
}

/** The whole name of attribute `index`, its bytes as Latin-1. */
export function attributeName(token: XmlToken, index: number): string {
  const tag = token.bytes.toString('latin1', token.nameStarts[index], token.starts[index]! - 1);
  return tag.replace(/\s*=\s*$/, '');
}

/** The value of attribute `index`. @throws Problem of `fail`. */
export function attributeAt(token: XmlToken, index: number): string {
  const text = utf8(token, token.starts[index]!, token.ends[index]!);
  return resolve(text.replace(/\r\n|[\r\n\t]/g, ' '), token);
}

function plainText(token: XmlToken): string {
  const { bytes, start, end } = token;
  const isShort = end - start <= MAX_COPIED;
  if (isShort && token.window === '' && ++token.decoded > MAX_DECODED) {
    token.window = bytes.toString('latin1', 0, token.filled);
  }
  return isShort && token.window !== '' ? token.window.slice(start, end) : bytes.toString('latin1', start, end);
}

function utf8(token: XmlToken, start: number, end: number): string {
  const { bytes } = token;
  const text = bytes.toString('utf8', start, end);
  if (text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end))) throw notUtf8(token);
  return text;
}

/** The problem of a text that is not valid UTF-8. */
export function notUtf8({ fail }: XmlToken): Problem {
  return fail('has a text that is not valid UTF-8');
}

const PREDEFINED = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

function resolve(text: string, token: XmlToken): string {
  if (!text.includes('&')) return text;
  return text.replace(/&([^;&]{0,32};?)/g, (_, reference: string) => {
    if (!reference.endsWith(';')) throw token.fail('has a bare "&" in a text');
    const name = reference.slice(0, -1);
    return PREDEFINED.get(name) ?? character(name, token);
  });
}

function character(name: string, { fail }: XmlToken): string {
  const match = /^#(?:x([0-9A-Fa-f]+)|([0-9]+))$/.exec(name);
  if (!match) throw fail('uses an entity, which is not read');
  const code = match[1] ? Number.parseInt(match[1], 16) : Number(match[2]);
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    throw fail('has a reference that names no character');
  return String.fromCodePoint(code);
}
