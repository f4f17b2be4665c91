import type { Cell } from '../../server/core/batch.ts';

/** One of the ways in which programs write delimited text. */
export interface Dialect {
  readonly delimiter: string;
  readonly lineBreaks: readonly string[];
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
  readonly mark: boolean;
  readonly lastLineBreak: boolean;
  readonly quotes: 'needed' | 'all';
}

/** `rows` as a file: quoted where reading back needs it, or everywhere; line breaks of `lineBreaks` in turn. */
export function writeCsv(rows: readonly (readonly Cell[])[], dialect: Dialect): Buffer {
  const lines = rows.map((row) => row.map((cell) => writeCell(cell, dialect)).join(dialect.delimiter));
  const breaks = rows.map((_, index) => dialect.lineBreaks[index % dialect.lineBreaks.length]!);
  const text = lines
    .map((line, i) => (i < lines.length - 1 || dialect.lastLineBreak ? line + breaks[i] : line))
    .join('');
  return encode(dialect.mark ? `\ufeff${text}` : text, dialect.encoding);
}

function writeCell(cell: Cell, { delimiter, quotes }: Dialect): string {
  if (cell === null) return '';
  const isPlain = cell !== '' && !cell.startsWith('"') && !/[\r\n]/.test(cell) && !cell.includes(delimiter);
  return quotes === 'needed' && isPlain ? cell : `"${cell.replaceAll('"', '""')}"`;
}

/** `text` in one of the encodings that are detected; `windows-1252` only for characters that Latin-1 has too. */
function encode(text: string, encoding: Dialect['encoding']): Buffer {
  if (encoding === 'windows-1252') return Buffer.from(text, 'latin1');
  if (encoding === 'utf-8') return Buffer.from(text);
  const bytes = Buffer.from(text, 'utf16le');
  return encoding === 'utf-16be' ? bytes.swap16() : bytes;
}
