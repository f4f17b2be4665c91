/**
 * Builds `server/parse/wasm/csv-scanner.wasm` from the AssemblyScript beside it.
 *
 *     node scripts/build-csv-scanner.ts           writes the binary
 *     node scripts/build-csv-scanner.ts --check   fails when the committed binary is not what the source builds
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main as compile } from 'assemblyscript/asc';

const FOLDER = join(import.meta.dirname, '../server/parse/wasm');
const SOURCE = join(FOLDER, 'csv-scanner.as');
const BINARY = join(FOLDER, 'csv-scanner.wasm');
/** No allocator and no assertions; the memory is the caller's, who grows it for long rows. */
const FLAGS = '--runtime stub --importMemory --enable simd -O3 --noAssert --use abort=';

async function build(): Promise<Buffer> {
  let binary: Uint8Array | undefined;
  // The compiler only takes names that end in .ts, and a file of that name would be checked as TypeScript.
  const { error, stderr } = await compile(['csv-scanner.ts', '-o', 'csv-scanner.wasm', ...FLAGS.split(' ')], {
    readFile: (name) => (name === 'csv-scanner.ts' ? readFileSync(SOURCE, 'utf8') : null),
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') binary = contents;
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`${error?.message ?? 'nothing was built'}\n${stderr.toString()}`);
  return Buffer.from(binary);
}

const built = await build();
if (process.argv.includes('--check')) {
  const same = built.equals(readFileSync(BINARY));
  console.log(
    `csv-scanner.wasm is ${same ? 'what its source builds.' : 'stale: run node scripts/build-csv-scanner.ts.'}`,
  );
  process.exitCode = same ? 0 : 1;
} else {
  writeFileSync(BINARY, built);
  console.log(`server/parse/wasm/csv-scanner.wasm: ${built.length} bytes`);
}
