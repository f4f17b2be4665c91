import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why tests with qpdf are skipped; `false` where it is there, and in CI, where it must be. */
export const noQpdf =
  process.env.CI !== 'true' && spawnSync('qpdf', ['--version']).status !== 0 && 'qpdf is not installed';

/**
 * A PDF encrypted by qpdf, which is none of our code, under a user's password and the owner's password `owner`; `cipher` is
 * what its `--encrypt` takes: the bits of the key and how they are used, such as `['128', '--use-aes=y']`.
 */
export function encryptPdf(pdf: Buffer, password: string, cipher: readonly string[]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'intakt-pdf-'));
  try {
    writeFileSync(join(folder, 'in.pdf'), pdf);
    const given = ['--allow-weak-crypto', '--encrypt', password, 'owner', ...cipher, '--', 'in.pdf', 'out.pdf'];
    const { status, stderr } = spawnSync('qpdf', given, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return readFileSync(join(folder, 'out.pdf'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
