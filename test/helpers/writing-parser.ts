import { rmSync, writeFileSync } from 'node:fs';
import { keepCompiled } from '../../server/pipeline/compiled.ts';
import type { FromParser } from '../../server/pipeline/protocol.ts';

/**
 * A parser process for tests of the pool that tries to write beside the programs, before and after it has given up the
 * right to. Its file fails, and the detail says what came of it.
 */
const say = (message: FromParser): void => void process.send?.(message);
const folder = process.env.NODE_COMPILE_CACHE ?? '';

function tryToWrite(): string {
  const path = `${folder}/probe-${process.pid}`;
  try {
    writeFileSync(path, '');
    rmSync(path);
    return 'written';
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

process.on('message', () => {
  const before = tryToWrite();
  keepCompiled(folder);
  say({ type: 'failed', code: 'not_a_table', detail: `${before}, then ${tryToWrite()}` });
});
say({ type: 'started' });
