import type { Reject } from '../core/batch.ts';
import { rawText } from './reject-text.ts';

/** The longest name a column can have, in Unicode code points. */
const NAME_LENGTH = 200;

/**
 * Names for the columns of a table, one for each of `names`, in order: each unique and not empty.
 *
 * A name is trimmed, brought to NFC and cut at 200 code points. A missing or blank one becomes `column_<position>`,
 * counted from 1. When a name comes again, it gets the first free of `name_2`, `name_3` …; a name that stands in
 * the header itself is never given away to another column. Names differ by case. Any text can come out, `__proto__`
 * too: key an object without a prototype, or a `Map`, by them.
 */
export function uniqueNames(names: readonly (string | null)[]): string[] {
  const given = names.map((name) => clean(name ?? ''));
  const taken = new Set(given.filter((name) => name !== ''));
  const used = new Set<string>();
  const nextNumbers = new Map<string, number>();
  return given.map((name, index) => {
    if (name === '') return firstFree('column', index + 1, taken, nextNumbers);
    if (used.has(name)) return firstFree(name, 2, taken, nextNumbers);
    used.add(name);
    return name;
  });
}

/** What keeps those of the names in row `row`, a header, that `uniqueNames` cuts. */
export function cutNames(names: readonly (string | null)[], row: number): Reject[] {
  return names.flatMap((name, column) => {
    if (name === null || clean(name) === trimmed(name)) return [];
    const detail = `The name of column ${column + 1} is longer than ${NAME_LENGTH} characters and is cut. Shorten it in the file.`;
    return [{ row, column, code: 'name_cut', detail, raw: rawText(Buffer.from(name)) }];
  });
}

function clean(name: string): string {
  const text = trimmed(name);
  if (text.length <= NAME_LENGTH) return text;
  return [...text].slice(0, NAME_LENGTH).join('').trim();
}

function trimmed(name: string): string {
  return name.toWellFormed().normalize('NFC').trim();
}

/** Reserves and returns `<stem>_<number>` for the first number from `from` on that is free. */
function firstFree(stem: string, from: number, taken: Set<string>, nextNumbers: Map<string, number>): string {
  // Where the last search for this stem ended: without it, 16,384 equal names would cost their number squared.
  let number = Math.max(from, nextNumbers.get(stem) ?? 0);
  while (taken.has(numbered(stem, number))) number++;
  nextNumbers.set(stem, number + 1);
  const name = numbered(stem, number);
  taken.add(name);
  return name;
}

function numbered(stem: string, number: number): string {
  const suffix = `_${number}`;
  if (stem.length + suffix.length <= NAME_LENGTH) return stem + suffix;
  return [...stem].slice(0, NAME_LENGTH - suffix.length).join('') + suffix;
}
