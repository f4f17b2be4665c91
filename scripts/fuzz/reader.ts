/**
 * The process that reads changed files, started by `scripts/fuzz.ts`: it says which case it takes up, and what it finds,
 * and may be killed at any of them.
 */
import { Problem } from '../../server/core/problem.ts';
import type { FileType } from '../../server/parse/format.ts';
import { readFile } from '../../server/parse/read-file.ts';
import { collect } from '../../test/helpers/collect.ts';
import { roomyLimits, sourceOf } from '../../test/helpers/read-tables.ts';
import { mutate } from './mutate.ts';
import { createRandom } from './random.ts';
import { seedsOf } from './seeds.ts';

/** Small enough that a case that keeps to them takes a moment. */
const LIMITS = { ...roomyLimits, rows: 200_000, cells: 1_000_000, unpackedBytes: 32 << 20 };
const ALLOWED = ['csv', 'xlsx', 'xls', 'pdf', 'json', 'parquet', 'xml'];

const [type, from, ...folders] = process.argv.slice(2) as [FileType, string, ...string[]];
const seeds = seedsOf(type, folders);
for (let number = Number(from); ; number++) {
  process.send!({ number });
  const { name, bytes } = caseOf(number);
  try {
    await read(bytes);
  } catch (error) {
    if (!(error instanceof Problem) || error.code === 'internal')
      process.send!({ number, name, error: String((error as Error).stack) });
  }
  // Lets the messages out.
  await new Promise(setImmediate);
}

function caseOf(number: number) {
  const random = createRandom(number);
  const seed = random.pick(seeds);
  return { name: seed.name, bytes: mutate(seed.bytes, random.pick(seeds).bytes, random) };
}

async function read(bytes: Buffer): Promise<void> {
  const hold = async (content: AsyncIterable<Uint8Array>) => {
    const source = sourceOf(Buffer.concat(await collect(content)));
    return { ...source, [Symbol.dispose]() {} };
  };
  const file = { name: `case.${type}`, fileType: type };
  for await (const _ of readFile(sourceOf(bytes), file, { limits: LIMITS }, { allowed: ALLOWED, hold }));
}
