import type { DateKind } from './dates.ts';

/**
 * What a number format's code says its numbers are, or `undefined` when they are plain numbers. Its first section
 * (for positive numbers) decides. Source: ECMA-376 part 1, 18.8.31.
 */
export function kindOfCode(code: string): DateKind | undefined {
  const section = firstSection(code);
  if (/\[(h+|m+|s+)\]/i.test(section)) return 'duration';
  const letters = section.replace(/\[[^\]]*\]/g, '').toLowerCase();
  if (/general|[#?]/.test(letters)) return undefined;
  const time = /[hs]/.test(letters);
  const date = /[dy]/.test(letters);
  if (date && time) return 'datetime';
  if (time) return 'time';
  return date || letters.includes('m') ? 'date' : undefined;
}

/** The code up to its first `;`, without quoted text, escaped characters, padding and fill. */
function firstSection(code: string): string {
  return code.replace(/"[^"]*"?|[\\_*]./gs, '').split(';', 1)[0]!;
}

/**
 * The same for a built-in format's number (ECMA-376 part 1, 18.8.30); 27–36 and 50–58 are the dates and times of
 * East Asian Excel.
 */
export function kindOfBuiltIn(id: number): DateKind | undefined {
  if (id === 22) return 'datetime';
  if (id === 46) return 'duration';
  if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || id === 45 || id === 47 || id === 55 || id === 56)
    return 'time';
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58)) return 'date';
  return undefined;
}
