import { type DateKind, type DateSystem, dateText } from './dates.ts';
import { plainNumber } from './numbers.ts';

/** The errors of a spreadsheet by their numbers ([MS-XLS] 2.5.10). */
const ERRORS: ReadonlyMap<number, string> = new Map([
  [0x00, '#NULL!'],
  [0x07, '#DIV/0!'],
  [0x0f, '#VALUE!'],
  [0x17, '#REF!'],
  [0x1d, '#NAME?'],
  [0x24, '#NUM!'],
  [0x2a, '#N/A'],
  [0x2b, '#GETTING_DATA'],
]);

/** The text of an error that a binary file holds as a number. */
export const errorText = (error: number): string => ERRORS.get(error) ?? `#ERROR ${error}`;

/**
 * The text of a number that a binary file holds as a double, the same as the XLSX reader gives for it: a date by its
 * style's kind, otherwise in plain notation; and the number as it would be written, where the two differ.
 */
export function numberText(
  value: number,
  kind: DateKind | undefined,
  dateSystem: DateSystem,
): { text: string; raw: string | null } {
  const written = String(value);
  const text = (kind && dateText(value, kind, dateSystem)) ?? plainNumber(written);
  return { text, raw: text === written ? null : written };
}

/** Half of a character cannot be stored as UTF-8; it is written as XLSX writes it. */
export function wellFormed(text: string): string {
  if (text.isWellFormed()) return text;
  return text.replace(/\p{Surrogate}/gu, (half) => `_x${half.charCodeAt(0).toString(16).toUpperCase()}_`);
}
