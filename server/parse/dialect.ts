import { countCells, mostFrequent, type SampleRow, sampleRows } from './csv-sample.ts';
import type { Scanner, Syntax } from './csv-scanner.ts';
import type { CsvWindow } from './csv-window.ts';
import { headerEvidence, shapeOf } from './header.ts';

/** What the sender said of a file's syntax: `null` for none, `undefined` where it is to be detected. */
export interface ToldSyntax {
  /** The delimiter that the file's name says. It is taken if half of the rows are alike by it. */
  readonly likely?: string | undefined;
  /** A blank behind it says that one may stand there. */
  readonly delimiter?: string | undefined;
  readonly quote?: string | null | undefined;
  readonly escape?: string | null | undefined;
}

/**
 * Characters that separate cells and little else, tried in this order: the earlier one wins a tie, because a comma may
 * be a decimal sign and a tab is never text.
 */
const DELIMITERS = ['\t', ';', '|', ',', '^', '~'];
/** What a first row that fits the others counts, beside their share. */
const FIRST_ROW_WEIGHT = 0.25;
/** Delimiters whose rows are as regular as the best one's but for this are told apart by the types of their cells. */
const CLOSE = 0.1;
/** Behind or before these a quote begins or ends a cell. */
const EDGE = '\\t;|,^~:\\r\\n';

/**
 * By which characters the cells of what stands in the window are told apart, as far as it was not told.
 *
 * The delimiter is that of tab, `;`, `|`, `,`, `^` and `~` by which most rows have as many cells as the others or as a
 * row next to them, at least two; where two are as good, the one by which more cells have a type; the likely one before
 * all others. A colon or a blank, which stand in other text too, count only if every row agrees and a header shows. The quote is `"`, or `'` where cells
 * begin and end with it far more often. A backslash is an escape if it stands before quotes within cells and no quote
 * is doubled. A blank behind nearly every delimiter belongs to it. The scanner's use is changed.
 */
export function detectSyntax(scanner: Scanner, window: CsvWindow, columnLimit: number, told: ToldSyntax): Syntax {
  const text = window.bytes.toString('latin1', window.start, window.end);
  const quote = told.quote === undefined ? detectQuote(text) : told.quote;
  const plain = { delimiter: null, quote, escaping: told.escape ?? null, padded: false };
  const count = (syntax: Syntax) => countCells(scanner, window, syntax, columnLimit);
  const sample = (syntax: Syntax) => sampleRows(scanner, window, syntax, columnLimit);
  const [delimiter = null, blank] = told.delimiter ?? [detectDelimiter(text, plain, told.likely, count, sample)];
  if (delimiter === null) return plain;
  const padded = told.delimiter === undefined ? isPadded(text, delimiter) : blank === ' ';
  const syntax = { ...plain, delimiter, padded };
  const escaped = { ...syntax, escaping: '\\' };
  const isNoWorse = () => regularity(count(escaped)).score >= regularity(count(syntax)).score;
  const isEscaped =
    told.escape === undefined && quote !== null && hasEscapedQuotes(text, quote, delimiter) && isNoWorse();
  return isEscaped ? escaped : syntax;
}

function detectDelimiter(
  text: string,
  plain: Syntax,
  likely: string | undefined,
  count: (syntax: Syntax) => number[],
  sample: (syntax: Syntax) => SampleRow[],
): string | null {
  const by = (delimiter: string) => ({ ...plain, delimiter, padded: isPadded(text, delimiter) });
  const looks = DELIMITERS.filter((delimiter) => text.includes(delimiter))
    .map((delimiter) => ({ delimiter, ...regularity(count(by(delimiter))) }))
    .filter(({ columns, score }) => columns > 1 && score >= 0.5);
  if (likely !== undefined && looks.some(({ delimiter }) => delimiter === likely)) return likely;
  const best = Math.max(...looks.map(({ score }) => score));
  const close = looks.filter(({ score }) => score > best - CLOSE).map(({ delimiter }) => delimiter);
  if (close.length === 0) return [':', ' '].find((weak) => isSure(sample(by(weak)))) ?? null;
  if (close.length === 1) return close[0]!;
  const typed = close.map((delimiter) => typedShare(sample(by(delimiter))));
  return close[typed.indexOf(Math.max(...typed))]!;
}

/** How regular rows are: the share of those that have as many cells as most others, or as the row before or behind. */
function regularity(all: readonly number[]): { columns: number; score: number } {
  const counts = all.filter((count) => count !== 0);
  const columns = mostFrequent(counts);
  const usual = counts.filter((count) => count === columns).length;
  const inRuns = counts.filter((count, i) => count > 1 && (count === counts[i - 1] || count === counts[i + 1])).length;
  const share = Math.max(usual, inRuns) / Math.max(1, counts.length);
  return { columns, score: share + (counts[0] === columns ? FIRST_ROW_WEIGHT : 0) };
}

function typedShare(rows: readonly SampleRow[]): number {
  const cells = rows.flatMap((row) => row.cells.filter((cell) => cell !== null));
  return cells.filter((cell) => shapeOf(cell) !== 'text').length / Math.max(1, cells.length);
}

/** Whether a character that is no rare one separates cells: at least three, in every row, under a header that shows. */
function isSure(all: readonly SampleRow[]): boolean {
  const rows = all.filter(({ count }) => count !== 0);
  const [first] = rows;
  if (!first || first.count < 3 || rows.length < 3 || rows.some(({ count }) => count !== first.count)) return false;
  const { names, data } = headerEvidence(rows.map(({ cells }) => cells));
  return names >= 2 && data === 0;
}

function detectQuote(text: string): string {
  if (!text.includes("'")) return '"';
  const single = enclosing(text, "'");
  return single >= 2 && single > 2 * enclosing(text, '"') ? "'" : '"';
}

/** How many cells may stand between two of these: those that begin with one or those that end with one, the fewer. */
function enclosing(text: string, quote: string): number {
  const begin = text.match(new RegExp(`(?:^|[${EDGE}]) ?${quote}(?=\\S)`, 'g'))?.length ?? 0;
  const end = text.match(new RegExp(`${quote}(?=$|[${EDGE}])`, 'g'))?.length ?? 0;
  return Math.min(begin, end);
}

/** Whether a blank stands behind nearly every delimiter that does not end its line. */
function isPadded(text: string, delimiter: string): boolean {
  if (delimiter === ' ' || delimiter === '\t') return false;
  const parts = text.split(Buffer.from(delimiter).toString('latin1')).slice(1);
  const inner = parts.filter((part) => !/^(?:[\r\n]|$)/.test(part));
  return inner.length >= 2 && inner.filter((part) => part.startsWith(' ')).length >= 0.9 * inner.length;
}

/** Whether the first quote within a cell in quotes has a backslash before it somewhere, and no quote is doubled. */
function hasEscapedQuotes(text: string, quote: string, delimiter: string): boolean {
  if (!text.includes(`\\${quote}`)) return false;
  const mark = literal(quote);
  const edge = `[\\r\\n]|${literal(Buffer.from(delimiter).toString('latin1'))}`;
  const isEscaped = new RegExp(`(?:^|${edge}) ?${mark}[^${mark}]*[^\\\\${mark}]\\\\${mark}(?!$|${mark}|${edge})`);
  const isDoubled = new RegExp(`(?!${edge}|${mark})[^]${mark}${mark}(?!$|${mark}|${edge})`);
  return isEscaped.test(text) && !isDoubled.test(text);
}

/** The pattern of what `text` says. */
function literal(text: string): string {
  return text.replace(/[^\w]/g, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
