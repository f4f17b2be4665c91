import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Everything that must hold besides the tests: types, lint and format, the import rule, generated files up to date. */
const CHECKS: readonly (readonly [name: string, ...command: string[]])[] = [
  ['types', 'tsc', '-p', 'tsconfig.json'],
  ['lint', 'biome', 'check', '--error-on-warnings', '.'],
  ['imports', 'node', '--test', '--test-reporter=dot', 'test/architecture.test.ts'],
  ['generated files', 'node', 'scripts/generate.ts', '--check'],
  ['sealing module', 'node', 'scripts/build-wasm.ts', '--check'],
  ['scanners', 'node', 'scripts/build-scanners.ts', '--check'],
];

const cwd = fileURLToPath(new URL('..', import.meta.url));
let failed = 0;
for (const [name, command, ...parameters] of CHECKS) {
  const { status, stdout, stderr } = spawnSync(command!, parameters, { cwd, encoding: 'utf8' });
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`);
  if (status === 0) continue;
  failed++;
  console.log(`${stdout}${stderr}`);
}
process.exit(failed === 0 ? 0 : 1);
