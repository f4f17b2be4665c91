/** A table with aligned columns and a header; cells are cut with … where `width` (columns of a terminal) is given. */
export function table(header: readonly string[], rows: readonly (readonly unknown[])[], width?: number): string {
  const cells = [header, ...rows.map((row) => row.map(toText))];
  const most = header.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ''))));
  const widths = width === undefined ? most : shrink(most, width - 2 * (header.length - 1));
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

/** Takes from the widest columns until all fit, and leaves each at least a little. */
function shrink(widths: readonly number[], room: number): number[] {
  const least = 8;
  let [low, high] = [least, Math.max(least, ...widths)];
  const sum = (most: number) => widths.reduce((total, width) => total + Math.min(width, most), 0);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (sum(middle) <= room) low = middle;
    else high = middle - 1;
  }
  return widths.map((width) => Math.min(width, low));
}
