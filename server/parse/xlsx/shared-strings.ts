import { isUtf8 } from 'node:buffer';
import { cellTooLarge } from './cell-too-large.ts';
import { unescapeText } from './escapes.ts';
import type { Scanner } from './scanner.ts';
import type { TextArena } from './text-arena.ts';
import type { XmlHandler } from './xml.ts';
import { nameHash, nameOf, notUtf8, textOf, type XmlToken } from './xml-token.ts';

const STRINGS = nameHash('sst');
const ITEM = nameHash('si');
const TEXT = nameHash('t');
const PHONETIC = nameHash('rPh');
const UNDERSCORE = 0x5f;

/**
 * A handler for the shared strings part: adds each string to `arena`, its rich text runs joined and its phonetic
 * hints left out (ECMA-376 part 1, 18.4.8).
 * @throws Problem `cell_too_large` for a string of more than `cellLength` UTF-16 units.
 */
export function createSharedStringsHandler(arena: TextArena, cellLength: number, scanner?: Scanner): XmlHandler {
  /** The text so far, or `undefined` when it was one plain piece and is in the arena already. */
  let joined: string | undefined = '';
  let inItem = false;
  let inText = false;
  let phonetics = 0;
  let scannable = false;

  function append(token: XmlToken): void {
    if (joined === '' && isFinal(token, cellLength)) {
      arena.addBytes(token.bytes, token.start, token.end);
      joined = undefined;
      return;
    }
    joined = (joined ?? arena.pop()) + textOf(token);
    // Escapes make a text shorter, seven units to one at most; what is longer still need not be kept to be refused.
    if (joined.length > 7 * cellLength) throw cellTooLarge(`Shared string ${arena.length}`, cellLength);
  }

  function endItem(): void {
    inItem = false;
    if (joined === undefined) return;
    const text = unescapeText(joined);
    if (text.length > cellLength) throw cellTooLarge(`Shared string ${arena.length}`, cellLength);
    arena.add(text);
  }

  function startItem(): void {
    joined = '';
    inItem = true;
  }

  function take(from: number, token: XmlToken): number {
    if (!scannable || inItem || phonetics > 0) return from;
    const { end, records, words, texts, textBytes } = scanner!.strings(from, cellLength);
    if (words === 0) return from;
    if (!isUtf8(texts.subarray(0, textBytes))) throw notUtf8(token);
    arena.addTexts(texts, records, words);
    // As if the tokenizer had told the last of them.
    joined = undefined;
    inText = false;
    return end;
  }

  return {
    open(name, token) {
      if (name === TEXT) inText = phonetics === 0;
      else if (name === PHONETIC) phonetics++;
      else if (name === ITEM) startItem();
      else if (name === STRINGS && scanner) scannable = scanner.usePrefixOf(nameOf(token));
    },
    text(token) {
      if (inText) append(token);
    },
    close(name) {
      if (name === TEXT) inText = false;
      else if (name === PHONETIC) phonetics--;
      else if (name === ITEM) endItem();
    },
    shortcut: scanner && { window: scanner.window, take },
  };
}

/** Whether the token's bytes are the text itself: the usual case, worth not making a string that is only stored. */
function isFinal({ bytes, start, end, plain }: XmlToken, cellLength: number): boolean {
  if (!plain || end - start > cellLength) return false;
  for (let at = start; at < end; at++) if (bytes[at] === UNDERSCORE) return false;
  return true;
}
