/**
 * Scores the table finder against what others say stands in a PDF (`pdf-expectations.ts` says of which kinds): adjacency
 * relations of non-blank cells, as the competition ICDAR 2013 counted them. Where an expectation is some tables of one
 * page, it is held against the tables on that page that share a relation with it.
 *
 *     node scripts/score-pdf.ts FOLDER [each | show NAME]
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { openDocument } from '../server/parse/pdf/document.ts';
import { readPage } from '../server/parse/pdf/page.ts';
import { findTables } from '../server/parse/pdf/page-tables.ts';
import { sourceOf } from '../test/helpers/read-tables.ts';
import { type Expectation, type Grid, readExpectations } from './pdf-expectations.ts';

interface Score {
  right: number;
  expected: number;
  found: number;
}

const [folder = '.', each, only] = process.argv.slice(2);
const total: Score = { right: 0, expected: 0, found: 0 };
const scores: number[] = [];
for (const expectation of readExpectations(folder)) {
  if (only && !basename(expectation.pdf).includes(only)) continue;
  const pages = await foundTables(expectation.pdf);
  const score = scoreOf(expectation, pages);
  if (score.expected === 0) throw new Error(`${expectation.pdf}: its expectation holds no relation.`);
  for (const key of ['right', 'expected', 'found'] as const) total[key] += score[key];
  scores.push(fOf(score));
  if (each) console.log(fOf(score).toFixed(3), basename(expectation.pdf), JSON.stringify(score));
  if (each === 'show') show(expectation, pages);
}
const mean = scores.reduce((sum, value) => sum + value, 0) / scores.length;
console.log(
  `${scores.length} expectations: F ${mean.toFixed(3)} on average, ${fOf(total).toFixed(3)} over all relations`,
);
process.exit();

function show({ tables }: Expectation, pages: readonly (readonly Grid[])[]): void {
  const print = (grids: readonly Grid[]) =>
    grids.map((grid) => grid.map((row) => row.join(' | ')).join('\n')).join('\n\n');
  console.log(`expected:\n${print(tables)}\n\nfound:\n${pages.map(print).join('\n\n')}`);
}

function scoreOf({ tables, isWhole }: Expectation, pages: readonly (readonly Grid[])[]): Score {
  // A table split or joined costs only the relations it breaks.
  if (isWhole) return compare(tables, pages.flat());
  const wanted = countAll(tables);
  const shares = (grid: Grid) =>
    countAll([grid])
      .keys()
      .some((relation) => wanted.has(relation));
  const tried = [[], ...pages].map((grids) => compare(tables, grids.filter(shares)));
  return tried.reduce((best, score) => (fOf(score) > fOf(best) ? score : best));
}

function fOf({ right, expected, found }: Score): number {
  return expected + found === 0 ? 1 : (2 * right) / (expected + found);
}

function compare(expected: readonly Grid[], found: readonly Grid[]): Score {
  const wanted = countAll(expected);
  const given = countAll(found);
  let right = 0;
  for (const [relation, times] of wanted) right += Math.min(times, given.get(relation) ?? 0);
  return { right, expected: sum(wanted), found: sum(given) };
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((all, times) => all + times, 0);
}

function countAll(grids: readonly Grid[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const grid of grids) {
    const columns = grid[0]?.map((_, column) => grid.map((row) => row[column] ?? null)) ?? [];
    for (const [kind, lines] of [
      ['row', grid],
      ['column', columns],
    ] as const)
      for (const line of lines) {
        const cells = line.map(comparable).filter((cell) => cell !== '');
        for (let index = 1; index < cells.length; index++) {
          const key = `${kind} ${cells[index - 1]} ${cells[index]}`;
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
      }
  }
  return counts;
}

/** Without space and hyphens; letters written to the left as what they are, in any order, which others give as drawn. */
function comparable(cell: string | null): string {
  const text = (cell ?? '').normalize('NFKC').replace(/[\s\u00ad-]/g, '');
  return /[\u0590-\u08ff]/.test(text) ? [...text].sort().join('') : text;
}

/** The tables of each page. */
async function foundTables(path: string): Promise<Grid[][]> {
  const document = await openDocument(sourceOf(readFileSync(path)));
  return Array.from({ length: document.pages }, (_, index) => {
    const page = readPage(document, index);
    return typeof page === 'string' ? [] : findTables(page).tables.map(({ rows }) => rows);
  });
}
