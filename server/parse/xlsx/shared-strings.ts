import { cellTooLarge } from './cell-too-large.ts';
import { unescapeText } from './escapes.ts';
import type { TextArena } from './text-arena.ts';
import type { XmlHandler } from './xml.ts';
import { nameHash, textOf } from './xml-token.ts';

const ITEM = nameHash('si');
const TEXT = nameHash('t');
const PHONETIC = nameHash('rPh');

/**
 * A handler for the shared strings part: adds each string to `arena`, its rich text runs joined and its phonetic
 * hints left out (ECMA-376 part 1, 18.4.8).
 * @throws Problem `cell_too_large` for a string of more than `cellLength` UTF-16 units.
 */
export function createSharedStringsHandler(arena: TextArena, cellLength: number): XmlHandler {
  let joined = '';
  let inText = false;
  let phonetics = 0;

  function add(): void {
    const text = unescapeText(joined);
    if (text.length > cellLength) throw cellTooLarge(`Shared string ${arena.length}`, cellLength);
    arena.add(text);
  }

  return {
    open(name) {
      if (name === TEXT) inText = phonetics === 0;
      else if (name === PHONETIC) phonetics++;
      else if (name === ITEM) joined = '';
    },
    text(token) {
      if (!inText) return;
      joined += textOf(token);
      // Escapes make a text shorter, seven units to one at most; what is longer still need not be kept to be refused.
      if (joined.length > 7 * cellLength) throw cellTooLarge(`Shared string ${arena.length}`, cellLength);
    },
    close(name) {
      if (name === TEXT) inText = false;
      else if (name === PHONETIC) phonetics--;
      else if (name === ITEM) add();
    },
  };
}
