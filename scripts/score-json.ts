/**
 * The verdicts of the JSON reader on a folder of cases named as those of nst/JSONTestSuite (`test_parsing`): `y_` must
 * be taken, `n_` refused, `i_` may be either. Each case is looked at as one text, as a value in a row, and as a file.
 *
 *     node scripts/score-json.ts FOLDER
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../server/core/problem.ts';
import { detectEncoding } from '../server/parse/encoding.ts';
import { takeValue } from '../server/parse/json/take.ts';
import { openText, peek } from '../server/parse/json/text.ts';
import { jsonFormat } from '../server/parse/json.ts';
import { readTables, roomyLimits, sourceOf } from '../test/helpers/read-tables.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined || !existsSync(folder)) {
  console.log('No such folder: nothing is scored. Give test_parsing of nst/JSONTestSuite.');
  process.exit(folder === undefined ? 1 : 0);
}

const cases = readdirSync(folder).filter((name) => /^[yni]_.*\.json$/.test(name));
const WAYS = { 'as one text': takesText, 'as a value in a row': takesRow } as const;
for (const [way, takes] of Object.entries(WAYS)) await score(way, takes);
console.log(`as files: ${JSON.stringify(await outcomes())}`);

async function score(way: string, takes: (bytes: Buffer) => Promise<boolean>): Promise<void> {
  const right = { y: 0, n: 0 };
  const all = { y: 0, n: 0, i: 0 };
  for (const name of cases) {
    const kind = name[0] as 'y' | 'n' | 'i';
    const taken = await takes(readFileSync(join(folder!, name)));
    all[kind]++;
    if (kind === 'i') continue;
    if (taken === (kind === 'y')) right[kind]++;
    else console.log(`WRONG ${way}: ${name} was ${taken ? 'taken' : 'refused'}`);
  }
  console.log(`${way}: ${right.y}/${all.y} taken, ${right.n}/${all.n} refused, ${all.i} of the others without a crash`);
  if (right.y + right.n < all.y + all.n) process.exitCode = 1;
}

/** Whether the bytes are one JSON text. */
async function takesText(bytes: Buffer): Promise<boolean> {
  const source = sourceOf(bytes);
  return succeeds(async () => {
    const text = openText(source, await detectEncoding(source), roomyLimits);
    await peek(text);
    await takeValue(text);
    if ((await peek(text)) !== -1) throw new Problem('json_invalid', 'Something follows.');
  });
}

/** Whether they are taken where the reader finds cells. A byte order mark can only stand at a file's start. */
function takesRow(bytes: Buffer): Promise<boolean> {
  const value = bytes.subarray(bytes.toString('hex', 0, 3) === 'efbbbf' ? 3 : 0);
  const file = Buffer.concat([Buffer.from('[{"v":'), value, Buffer.from('}]')]);
  return succeeds(() => readTables(jsonFormat, file));
}

/** How often the cases as they are ended how. */
async function outcomes(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of cases) {
    const outcome = await readTables(jsonFormat, readFileSync(join(folder!, name))).then(() => 'read', codeOf);
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

async function succeeds(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    codeOf(error);
    return false;
  }
}

/** The code of a problem. Anything else is a crash. */
function codeOf(error: unknown): string {
  if (error instanceof Problem) return error.code;
  throw error;
}
