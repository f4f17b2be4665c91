/** OWASP, CSV injection: a text that a spreadsheet would take for a formula gets a quote before it. */
export const withoutFormula = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

/** A cell of CSV (RFC 4180). An empty text is `""`, so that it can be told from no text at all. */
export const csvCell = (text: string): string =>
  text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
