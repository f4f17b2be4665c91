/**
 * Builds `server/seal/wasm/lanes.wasm` from the AssemblyScript beside it.
 *
 *     node scripts/build-wasm.ts           writes the binary
 *     node scripts/build-wasm.ts --check   fails when the committed binary is not what the source builds
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const SOURCE = 'server/seal/wasm/lanes.ts';
const BINARY = join(ROOT, 'server/seal/wasm/lanes.wasm');
/** No allocator, no assertions, and a memory of 16 pages (1 MiB) that cannot grow. */
const FLAGS =
  '--runtime stub --enable simd --enable bulk-memory -O3 --noAssert --use abort= --initialMemory 16 --maximumMemory 16';

function build(): Buffer {
  const compiler = createRequire(import.meta.url).resolve('assemblyscript/bin/asc.js');
  const folder = mkdtempSync(join(tmpdir(), 'intakt-wasm-'));
  try {
    const out = join(folder, 'lanes.wasm');
    execFileSync(process.execPath, [compiler, SOURCE, '-o', out, ...FLAGS.split(' ')], { cwd: ROOT, stdio: 'inherit' });
    return readFileSync(out);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const built = build();
if (process.argv.includes('--check')) {
  const same = built.equals(readFileSync(BINARY));
  console.log(same ? 'lanes.wasm is what its source builds.' : 'lanes.wasm is stale: run node scripts/build-wasm.ts.');
  process.exitCode = same ? 0 : 1;
} else {
  writeFileSync(BINARY, built);
  console.log(`server/seal/wasm/lanes.wasm: ${built.length} bytes`);
}
