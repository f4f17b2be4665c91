/**
 * Scores the table finder against the expectations of ICDAR 2013 (`*-str.xml` beside each PDF; in tabula-java's
 * `icdar2013-dataset`): adjacency relations of non-blank cells, as that competition counted them.
 *
 *     node scripts/score-pdf.ts FOLDER [each]
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openDocument } from '../server/parse/pdf/document.ts';
import { readPage } from '../server/parse/pdf/page.ts';
import { findTables } from '../server/parse/pdf/page-tables.ts';
import { sourceOf } from '../test/helpers/read-tables.ts';

type Grid = (string | null)[][];
interface Score {
  right: number;
  expected: number;
  found: number;
}

const [folder = '.', each] = process.argv.slice(2);
const total: Score = { right: 0, expected: 0, found: 0 };
const scores: number[] = [];
for (const expectation of globSync('**/*-str.xml', { cwd: folder }).sort()) {
  const pdf = join(folder, expectation.replace('-str.xml', '.pdf'));
  if (!existsSync(pdf)) {
    console.log(`left out: ${basename(pdf)} is not there`);
    continue;
  }
  const score = compare(expectedTables(readFileSync(join(folder, expectation), 'utf8')), await foundTables(pdf));
  if (score.expected === 0) throw new Error(`${expectation} holds no relation: its form is not the one read here.`);
  for (const key of ['right', 'expected', 'found'] as const) total[key] += score[key];
  scores.push(fOf(score));
  if (each) console.log(fOf(score).toFixed(3), basename(pdf), JSON.stringify(score));
}
const mean = scores.reduce((sum, value) => sum + value, 0) / scores.length;
console.log(`${scores.length} documents: F ${mean.toFixed(3)} on average, ${fOf(total).toFixed(3)} over all relations`);
process.exit();

function fOf({ right, expected, found }: Score): number {
  return expected + found === 0 ? 1 : (2 * right) / (expected + found);
}

/** Relations are counted over the whole document, so that a table split or joined costs only the relations it breaks. */
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
        const cells = line.map((cell) => (cell ?? '').replace(/[\s\u00ad-]/g, '')).filter((cell) => cell !== '');
        for (let index = 1; index < cells.length; index++) {
          const key = `${kind} ${cells[index - 1]} ${cells[index]}`;
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
      }
  }
  return counts;
}

function expectedTables(xml: string): Grid[] {
  return xml
    .split('<table ')
    .slice(1)
    .flatMap((table) => table.split('<region ').slice(1).map(expectedGrid));
}

function expectedGrid(region: string): Grid {
  const grid: Grid = [];
  let width = 0;
  for (const [, attributes = '', body = ''] of region.matchAll(/<cell ([^>]*)>([\s\S]*?)<\/cell>/g)) {
    const number = (name: string) => Number(new RegExp(`${name}=["'](\\d+)`).exec(attributes)?.[1] ?? 0);
    const [row, column] = [number('start-row'), number('start-col')];
    width = Math.max(width, column + 1);
    while (grid.length <= row) grid.push([]);
    grid[row]![column] = unescapeXml(/<content>([\s\S]*?)<\/content>/.exec(body)?.[1] ?? '');
  }
  return grid.map((cells) => Array.from({ length: width }, (_, column) => cells[column] ?? null));
}

function unescapeXml(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(\w+);/g, (all, name) => named[name] ?? all);
}

async function foundTables(path: string): Promise<Grid[]> {
  const document = await openDocument(sourceOf(readFileSync(path)));
  const grids: Grid[] = [];
  for (let index = 0; index < document.pages; index++) {
    const page = readPage(document, index);
    if (typeof page !== 'string')
      for (const { rows } of findTables(page).tables) grids.push(rows.map((row) => [...row]));
  }
  return grids;
}
