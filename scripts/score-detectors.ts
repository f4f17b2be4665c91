/**
 * Precision and recall of the detectors of sensitive columns, over made-up columns of some 220 kinds: with valid checksums,
 * 5 % typos, 5 % blanks, in several formats, below helpful, neutral and misleading names.
 *
 *     node scripts/score-detectors.ts [rounds, default 20] [seed, default 1] [--mistakes]
 */
import { printTable } from '../bench/lib/report.ts';
import { KINDS } from '../test/helpers/columns/kinds.ts';
import { OTHERS } from '../test/helpers/columns/others.ts';
import { scoreDetectors } from '../test/helpers/columns/score.ts';

const [rounds = '20', seed = '1'] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const { scores, tables, warned } = scoreDetectors(Number(rounds), Number(seed));
const percent = (part: number, whole: number) => (whole === 0 ? '' : `${((100 * part) / whole).toFixed(2)} %`);

console.log(`${tables} columns of ${KINDS.length} sensitive and ${OTHERS.length} other kinds, seed ${seed}\n`);
printTable([
  ['kind', 'columns', 'found', 'wrong', 'precision', 'recall'],
  ...scores.map(({ kind, columns, found, wrong }) => [
    ...[kind, String(columns), String(found), String(wrong)],
    ...[percent(found, found + wrong), percent(found, columns)],
  ]),
]);
console.log(`\n${warned.length} other columns stayed plain with a warning of an identifier`);
if (process.argv.includes('--mistakes')) {
  for (const line of count([
    ...scores.flatMap(({ kind, mistakes }) => mistakes.map((text) => `${kind}: ${text}`)),
    ...warned,
  ]))
    console.log(line);
}

function count(lines: readonly string[]): string[] {
  const counts = Map.groupBy(lines, (line) => line);
  return [...counts].sort((a, b) => b[1].length - a[1].length).map(([line, all]) => `${all.length} × ${line}`);
}
