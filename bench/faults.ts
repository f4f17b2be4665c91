/**
 * Makes calls of the operating system fail (EIO, ENOSPC) or kills the service at them, at the first, second, third …
 * call of each kind while a file is received, parsed and published, and looks whether every promise was kept. Needs
 * strace. Ends with 1 when one was not.
 *
 *     node bench/faults.ts [--times 6] [--seed 1]
 */
import { parseArgs } from 'node:util';
import { diskFaults, killPoints } from './lib/faults/points.ts';
import { runFaults } from './lib/faults/run.ts';
import { canInject } from './lib/faults/strace.ts';
import { printTable } from './lib/report.ts';

const { values } = parseArgs({
  options: { times: { type: 'string', default: '6' }, seed: { type: 'string', default: '1' } },
});
if (!canInject()) {
  console.log('strace is not here or may not trace: nothing was injected.');
} else {
  for (const [name, faults] of [
    ['the disk fails', diskFaults(Number(values.times))],
    ['the service is killed', killPoints(Number(values.times))],
  ] as const) {
    const { problems, ...figures } = await runFaults(faults, Number(values.seed), console.log);
    console.log(`\n${name}`);
    printTable([
      ...Object.entries(figures).map(([figure, value]) => [figure, String(value)]),
      ['problems', String(problems.length)],
    ]);
    if (problems.length > 0) process.exitCode = 1;
  }
}
