import { Problem } from '../core/problem.ts';

/** The problem of a file that is encrypted and came without a password. `what` is `workbook`, `PDF` … */
export function passwordNeeded(code: 'workbook_encrypted' | 'pdf_encrypted', what: string): Problem {
  const again = 'POST /v1/files/{file_id}/parse with {"password": "…"} opens this one';
  return new Problem(
    code,
    `The ${what} needs a password. ${again}; for others, send the field password with the file.`,
  );
}

/** The problem of a file that the given password does not open; it never tells the password. */
export function passwordWrong(what: string): Problem {
  const again = 'POST /v1/files/{file_id}/parse with {"password": "…"} tries another one';
  return new Problem('password_wrong', `The password does not open the ${what}. ${again}.`);
}
