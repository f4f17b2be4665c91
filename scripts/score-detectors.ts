/**
 * Precision and recall of the detectors of sensitive columns, over made-up columns of some 280 kinds: with valid checksums,
 * 5 % typos, 5 % blanks, in several formats, below helpful, neutral and misleading names. Then of identifiers inside texts:
 * columns of 200 remarks of which one to four hold an identifier, and columns of texts with other numbers and codes.
 *
 *     node scripts/score-detectors.ts [rounds, default 20] [seed, default 1] [--mistakes]
 */
import { printTable } from '../bench/lib/report.ts';
import { KINDS } from '../test/helpers/columns/kinds.ts';
import { OTHERS } from '../test/helpers/columns/others.ts';
import { scoreDetectors } from '../test/helpers/columns/score.ts';
import { scoreTexts } from '../test/helpers/columns/score-texts.ts';

const [rounds = '20', seed = '1'] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const { scores, tables, sealedTexts, warned } = scoreDetectors(Number(rounds), Number(seed));
const percent = (part: number, whole: number) => (whole === 0 ? '' : `${((100 * part) / whole).toFixed(2)} %`);

console.log(`${tables} columns of ${KINDS.length} sensitive and ${OTHERS.length} other kinds, seed ${seed}\n`);
printTable([
  ['kind', 'columns', 'found', 'wrong', 'precision', 'recall'],
  ...scores.map(({ kind, columns, found, wrong }) => [
    ...[kind, String(columns), String(found), String(wrong)],
    ...[percent(found, found + wrong), percent(found, columns)],
  ]),
]);
console.log(`\n${sealedTexts.length} other columns were sealed as texts with identifiers`);
console.log(`${warned.length} other columns stayed plain with a warning of an identifier`);
if (process.argv.includes('--mistakes')) {
  for (const line of count([
    ...scores.flatMap(({ kind, mistakes }) => mistakes.map((text) => `${kind}: ${text}`)),
    ...sealedTexts.map((text) => `sealed: ${text}`),
    ...warned,
  ]))
    console.log(line);
}

const texts = scoreTexts(Number(rounds), Number(seed));
console.log('');
printTable([
  ['inside texts', 'columns', 'sealed', 'recall', 'identifiers', 'masked'],
  ...texts.kinds.map(({ kind, columns, sealed, identifiers, masked }) => [
    ...[kind, String(columns), String(sealed), percent(sealed, columns)],
    ...[String(identifiers), percent(masked, identifiers)],
  ]),
]);
const [wrong, others] = [sum(texts.others.map((o) => o.sealed)), sum(texts.others.map((o) => o.columns))];
const right = sum(texts.kinds.map(({ sealed }) => sealed));
console.log(
  `\n${wrong} of ${others} columns of ${texts.others.length} other texts sealed: precision ${percent(right, right + wrong)}`,
);
for (const { name, columns, sealed } of texts.others) if (sealed > 0) console.log(`${name}: ${sealed} of ${columns}`);

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function count(lines: readonly string[]): string[] {
  const counts = Map.groupBy(lines, (line) => line);
  return [...counts].sort((a, b) => b[1].length - a[1].length).map(([line, all]) => `${all.length} × ${line}`);
}
