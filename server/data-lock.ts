import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3-multiple-ciphers';
import { Problem } from './core/problem.ts';

/** Long enough for the process before this one to finish closing. */
const WAIT_MS = 5000;

/**
 * Takes DATA_DIR for this process alone: what one process has not yet committed, another would sweep away as left
 * behind. It is SQLite's exclusive lock on the empty file `lock`, which the system takes back when a process dies.
 * Blocks for up to 5 seconds while another process holds it.
 * @throws Problem `config_invalid` when another process goes on using it.
 */
export function lockDataDir(dataDir: string): Disposable {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = new Sqlite(join(dataDir, 'lock'), { timeout: WAIT_MS });
  try {
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
    throw new Problem(
      'config_invalid',
      `Another Intakt uses DATA_DIR ${dataDir}. Stop it, or set DATA_DIR to another.`,
    );
  }
  return { [Symbol.dispose]: () => void lock.close() };
}
