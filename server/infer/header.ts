/** How plainly a column's name speaks of a kind: `name` of it alone, `hint` of it or of something else, or not at all. */
export type HeaderMatch = 'name' | 'hint' | null;

/**
 * The words of a column's name in lower case: Unicode NFKC, split at every change of case and at what is neither letter,
 * mark nor digit. `AadhaarNo. (12)` gives `aadhaar`, `no`, `12`.
 */
export function headerWords(name: string): string[] {
  const spaced = name.normalize('NFKC').replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2');
  return spaced.toLowerCase().match(/[\p{L}\p{M}]+|\p{N}+/gu) ?? [];
}

/** What the words of a header say of a kind with these `names` (starts of words) and `hints` (whole words). */
export function matchHeader(words: readonly string[], names: readonly string[], hints: readonly string[]): HeaderMatch {
  const normal = names.map((name) => name.normalize('NFKC'));
  if (words.some((word) => normal.some((name) => word.startsWith(name)))) return 'name';
  return words.some((word) => hints.includes(word)) ? 'hint' : null;
}

/**
 * Whether a value could be somebody's number written wrongly: at least half of it, separators aside, are digits of any
 * script. `1234-5678-9012` and `12345678901O` are, `XXXX-XXXX-1234` and an address with a house number are not.
 */
export function isDigitLike(value: string): boolean {
  const digits = value.match(/\p{Nd}/gu)?.length ?? 0;
  return digits > 0 && digits * 2 >= (value.match(/[\p{L}\p{M}\p{N}]/gu)?.length ?? 0);
}
