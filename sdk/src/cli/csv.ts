/** A record of CSV (RFC 4180), its line end included. `null` is an empty cell. */
export const csvLine = (cells: readonly unknown[]): string => `${cells.map(toCell).join(',')}\r\n`;

function toCell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
