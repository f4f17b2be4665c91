import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PRELOAD = fileURLToPath(new URL('./moving-clock-preload.ts', import.meta.url));

/** A clock that a test moves on, so that it need not wait for what expires. */
export interface MovingClock {
  /** For `startService`. */
  readonly env: Readonly<Record<string, string>>;
  /** From now on the service's clock is this many seconds further. */
  advance(seconds: number): void;
}

/** A clock that goes right until it is moved. */
export function createMovingClock(): MovingClock {
  const folder = mkdtempSync(join(tmpdir(), 'intakt-clock-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'ahead-ms');
  writeFileSync(file, '0');
  return {
    env: { NODE_OPTIONS: `--import=${PRELOAD}`, TEST_CLOCK_FILE: file },
    advance: (seconds) => writeFileSync(file, String(Number(readFileSync(file, 'utf8')) + seconds * 1000)),
  };
}
