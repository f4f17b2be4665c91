import { isUtf8 } from 'node:buffer';
import { Problem } from '../../core/problem.ts';
import { stringText } from './cells.ts';
import { DEEPEST, FAULTS } from './fault.ts';
import { type Taken, takeValue } from './take.ts';
import { isSpace, type JsonText, peek } from './text.ts';

/** What is found in an object that holds tables. */
export type Step =
  /** A member whose value is an object with members begins (they come next), or ends. */
  | { readonly type: 'enter'; readonly key: string }
  | { readonly type: 'leave' }
  /** A member with any other value. */
  | { readonly type: 'value'; readonly key: string; readonly value: Taken }
  /** A member that is an array of objects. The window stands behind its bracket, and must be moved behind its end. */
  | { readonly type: 'array'; readonly key: string };

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Walks through the object at which the window stands, and the objects in it, without holding more than a value. An
 * array is one of objects if its first element is an object.
 * @throws Problem `json_invalid`, `json_too_deep`, `encoding_invalid` for a key.
 */
export async function* walkObject(text: JsonText): AsyncGenerator<Step, void> {
  const { window } = text;
  window.start++;
  let isBehindMember = false;
  for (let depth = 1; depth > 0; ) {
    const byte = await peek(text);
    if (byte === CLOSE_OBJECT) {
      window.start++;
      isBehindMember = true;
      if (--depth > 0) yield { type: 'leave' };
      continue;
    }
    if (isBehindMember) await expectByte(text, COMMA, FAULTS.commaOrEnd);
    const key = await takeKey(text, isBehindMember ? FAULTS.key : FAULTS.keyOrEnd);
    isBehindMember = true;
    const entered = await enter(text);
    if (entered === 'object') {
      if (++depth > DEEPEST) throw await text.problem(FAULTS.tooDeep, window.start);
      isBehindMember = false;
      yield { type: 'enter', key };
    } else if (entered === 'array') yield { type: 'array', key };
    else yield { type: 'value', key, value: entered };
  }
}

/** Moves the window behind the bracket of an object with members or an array of objects, or else behind the value. */
async function enter(text: JsonText): Promise<'object' | 'array' | Taken> {
  const byte = await peek(text);
  const next = byte === OPEN_OBJECT || byte === OPEN_ARRAY ? await peekInside(text) : -1;
  const isObject = byte === OPEN_OBJECT && next !== CLOSE_OBJECT && next !== -1;
  if (!isObject && next !== OPEN_OBJECT) return takeValue(text);
  text.window.start++;
  return isObject ? 'object' : 'array';
}

/** The first byte behind the bracket at which the window stands that is no white space; -1 when it is too far off. */
async function peekInside({ window, longest }: JsonText): Promise<number> {
  for (let ahead = 1; ; ) {
    for (; window.start + ahead < window.end; ahead++) {
      const byte = window.bytes[window.start + ahead]!;
      if (!isSpace(byte)) return ahead > longest ? -1 : byte;
    }
    if (window.isFinal || ahead > longest) return -1;
    await window.fill();
  }
}

async function takeKey(text: JsonText, fault: number): Promise<string> {
  if ((await peek(text)) !== QUOTE) throw await text.problem(fault, text.window.start);
  const { bytes, isWhole } = await takeValue(text);
  if (!isWhole) throw new Problem('cell_too_large', 'A key of the file is longer than a cell may be. Shorten it.');
  if (!isUtf8(bytes)) {
    throw new Problem(
      'encoding_invalid',
      'A key holds bytes that are invalid in its encoding. Name the right encoding.',
    );
  }
  await expectByte(text, COLON, FAULTS.colon);
  return stringText(bytes.toString('utf8', 1, bytes.length - 1));
}

async function expectByte(text: JsonText, byte: number, fault: number): Promise<void> {
  if ((await peek(text)) !== byte) throw await text.problem(fault, text.window.start);
  text.window.start++;
}
