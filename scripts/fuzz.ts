/**
 * Feeds a reader with changed files and tells what is no answer: an error that is no `Problem`, a process that dies,
 * more memory or time than is allowed.
 *
 *     node scripts/fuzz.ts FORMAT SECONDS [FIRST [FOLDER …]]
 *
 * A case is a number, from FIRST (0) on, and the same each time: files of FORMAT in `test/corpus` and in the folders are
 * changed at random by it. Archives are changed in their parts, so that checksums hold.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const MEMORY_MB = 768;
const CASE_SECONDS = 20;
const READER = join(import.meta.dirname, 'fuzz/reader.ts');

const [format, seconds, first = '0', ...folders] = process.argv.slice(2);
if (!format || !seconds) {
  console.log('Give a format and seconds: node scripts/fuzz.ts csv 60');
  process.exit(1);
}

const end = performance.now() + Number(seconds) * 1000;
let next = Number(first);
let findings = 0;
while (performance.now() < end) next = await run(next);
console.log(`${format}: cases ${first} to ${next - 1}, ${findings} findings`);
process.exitCode = findings > 0 ? 1 : 0;

/** Lets a process read cases from `from` on, until it dies, is killed or the time is over; gives the next case. */
async function run(from: number): Promise<number> {
  const child = fork(READER, [format!, String(from), ...folders], { execArgv: ['--max-old-space-size=512'] });
  let current = from;
  // Reading the seeds is no case's time.
  let since = Number.POSITIVE_INFINITY;
  let killed = '';
  const kill = (why: string) => {
    killed = why;
    child.kill('SIGKILL');
  };
  child.on('message', (said: { number: number; name?: string; error?: string }) => {
    if (said.error) tell(said.number, `${said.name}: ${said.error}`);
    else [current, since] = [said.number, performance.now()];
  });
  const watch = setInterval(() => {
    if (performance.now() > end) kill('over');
    else if (performance.now() - since > CASE_SECONDS * 1000) kill(`takes more than ${CASE_SECONDS} seconds`);
    else if (residentMb(child) > MEMORY_MB) kill(`takes more than ${MEMORY_MB} MB`);
  }, 50);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.once('exit', (...how) => resolve(how));
  });
  clearInterval(watch);
  if (killed !== 'over') tell(current, killed || `ended by ${signal ?? `code ${code}`}`);
  return current + 1;
}

function tell(number: number, what: string): void {
  findings++;
  console.log(`FOUND case ${number}: ${what}`);
}

function residentMb({ pid }: ChildProcess): number {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * 4096) / 1024 ** 2;
  } catch {
    return 0;
  }
}
