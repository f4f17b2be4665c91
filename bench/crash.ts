/**
 * Kills the service at random moments of upload, parsing and publication, starts it again, and compares everything it
 * then has with what it had promised. Ends with 1 when anything was lost, doubled, half visible or left behind.
 *
 *     node bench/crash.ts --rounds 100 [--seed 1]
 */
import { parseArgs } from 'node:util';
import { crashRounds } from './lib/crash/rounds.ts';
import { printTable } from './lib/report.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, seed: { type: 'string', default: String(Date.now() % 1e6) } },
});
const { problems, ...figures } = await crashRounds(Number(values.rounds), Number(values.seed), console.log);
const count = (kind: string) => problems.filter((problem) => problem.startsWith(kind)).length;
printTable([
  ['seed', values.seed],
  ...Object.entries(figures).map(([name, figure]) => [name, String(figure)]),
  ...['lost', 'duplicate', 'partial'].map((kind) => [kind, String(count(kind))]),
  ['all problems', String(problems.length)],
]);
if (problems.length > 0) process.exitCode = 1;
