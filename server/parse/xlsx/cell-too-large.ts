import { Problem } from '../../core/problem.ts';

/** The `cell_too_large` for `what` ("Row 7 of the sheet …"), which holds a text of more than `cellLength` UTF-16 units. */
export function cellTooLarge(what: string, cellLength: number): Problem {
  return new Problem('cell_too_large', `${what} holds more than ${cellLength} characters in one cell. Shorten it.`);
}
