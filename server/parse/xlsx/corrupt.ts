import { Problem } from '../../core/problem.ts';

/** The `workbook_corrupt` for `what` (a whole clause: "the sheet … ends too early"), with what to do about it. */
export function corrupt(what: string): Problem {
  return new Problem(
    'workbook_corrupt',
    `In the workbook, ${what}. Open it in a spreadsheet program and save it again.`,
  );
}
