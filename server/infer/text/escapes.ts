/** What follows a backslash; two of them are one that is meant. */
const ESCAPE = /\\(?:u[\dA-Fa-f]{4}|.)/g;
/** The same, behind paths of Windows, in which backslashes are no escapes. */
const PATH_OR_ESCAPE = /(?<![A-Za-z\d])[A-Za-z]:\\[^\s"]*|\\(?:u[\dA-Fa-f]{4}|.)/g;
const PARTING = /^\\[bfnrtu]/;

/**
 * The text with as many blanks for each escape of JSON that is written with a letter, which is no part of the number or code
 * behind it: a line break is written `\n` in JSON, and so by many who write texts into one line.
 */
export function withoutEscapes(text: string): string {
  const isJson = /^\s*[[{]/.test(text);
  return text.replace(isJson ? ESCAPE : PATH_OR_ESCAPE, (part) =>
    PARTING.test(part) ? ' '.repeat(part.length) : part,
  );
}
