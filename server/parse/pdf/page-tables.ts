import type { IsIdentifier } from '../format.ts';
import type { FoundTable } from './found-table.ts';
import { findRuledTables } from './lattice.ts';
import type { Page } from './page.ts';
import { findSpacedTables } from './stream.ts';
import { findTaggedTables } from './tagged.ts';
import type { Word } from './words.ts';

/** The tables of a page from top to bottom, and the words that are in none of them. */
export interface PageTables {
  readonly tables: readonly FoundTable[];
  readonly rest: readonly Word[];
}

/** Finds the tables of a page: those that are tagged, then, in what remains, those drawn, and those set with spaces. */
export function findTables({ words, rulings, tagged }: Page, isIdentifier?: IsIdentifier): PageTables {
  const marked = findTaggedTables(tagged, words);
  const unmarked = without(words, marked);
  const ruled = findRuledTables(rulings, unmarked, isIdentifier);
  const outside = without(unmarked, ruled);
  const spaced = findSpacedTables(outside, isIdentifier);
  const tables = [...marked, ...ruled, ...spaced].sort((a, b) => a.box.top - b.box.top || a.box.left - b.box.left);
  return { tables, rest: without(outside, spaced) };
}

function without(words: readonly Word[], tables: readonly FoundTable[]): readonly Word[] {
  if (tables.length === 0) return words;
  const taken = new Set<Word>();
  for (const table of tables) for (const word of table.words) taken.add(word);
  return words.filter((word) => !taken.has(word));
}
