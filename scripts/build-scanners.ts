/**
 * Builds the scanners in `server/parse/wasm`, each from the AssemblyScript beside it.
 *
 *     node scripts/build-scanners.ts           writes the binaries
 *     node scripts/build-scanners.ts --check   fails when a committed binary is not what its source builds
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main as compile } from 'assemblyscript/asc';

const FOLDER = join(import.meta.dirname, '../server/parse/wasm');
const SCANNERS = ['csv-scanner', 'json-scanner', 'xlsx-scanner'];
/** No allocator and no assertions; the memory is the caller's, who grows it for long rows. */
const FLAGS = '--runtime stub --importMemory --enable simd -O3 --noAssert --use abort=';

for (const name of SCANNERS) {
  const built = await build(join(FOLDER, `${name}.as`));
  const binary = join(FOLDER, `${name}.wasm`);
  if (process.argv.includes('--check')) {
    const same = built.equals(readFileSync(binary));
    console.log(`${name}.wasm is ${same ? 'what its source builds.' : 'stale: run node scripts/build-scanners.ts.'}`);
    if (!same) process.exitCode = 1;
  } else {
    writeFileSync(binary, built);
    console.log(`server/parse/wasm/${name}.wasm: ${built.length} bytes`);
  }
}

async function build(source: string): Promise<Buffer> {
  let binary: Uint8Array | undefined;
  // The compiler only takes names that end in .ts, and a file of that name would be checked as TypeScript.
  const { error, stderr } = await compile(['scanner.ts', '-o', 'scanner.wasm', ...FLAGS.split(' ')], {
    readFile: (name) => (name === 'scanner.ts' ? readFileSync(source, 'utf8') : null),
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') binary = contents;
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`${error?.message ?? 'nothing was built'}\n${stderr.toString()}`);
  return Buffer.from(binary);
}
