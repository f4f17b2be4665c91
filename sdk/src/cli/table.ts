/** A table with aligned columns and a header; cells are cut with … where `width` (columns of a terminal) is given. */
export function table(header: readonly string[], rows: readonly (readonly unknown[])[], width?: number): string {
  const cells = [header, ...rows.map((row) => row.map(toText))];
  const most = header.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ''))));
  // An identifier is there to be copied.
  const least = header.map((name, column) =>
    Math.min(most[column]!, name.endsWith('_ID') ? Number.POSITIVE_INFINITY : 8),
  );
  const widths = width === undefined ? most : shrink(most, least, width - 2 * (header.length - 1));
  const numeric = header.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => pad(cut(cell, widths[column]!), widths[column]!, numeric[column]!))
      .join('  ')
      .trimEnd(),
  );
  return lines.join('\n');
}

/** Names and values below each other. */
export function list(entries: readonly (readonly [name: string, value: unknown])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${toText(value)}`).join('\n');
}

/**
 * A value on one line. What could steer a terminal or turn text around is shown as its code: cells come from strangers'
 * files. Joiners stay, because names in Indian scripts are written with them.
 */
export function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.replace(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, codeOf);
}

const codeOf = (character: string): string => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`;

const graphemes = new Intl.Segmenter();
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]/u;

/** Columns that a text takes in a terminal. */
export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    if (widthOf(kept + segment) >= width) break;
    kept += segment;
  }
  return `${kept}…`;
}

function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return right ? space + text : text + space;
}

/** Takes from the widest columns until all fit, and leaves each its least. */
function shrink(widths: readonly number[], least: readonly number[], room: number): number[] {
  const within = (most: number) => widths.map((width, column) => Math.min(width, Math.max(most, least[column]!)));
  let most = Math.max(0, ...widths);
  while (most > 0 && within(most).reduce((sum, width) => sum + width, 0) > room) most -= 1;
  return within(most);
}
