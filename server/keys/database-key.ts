import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RootKeys } from '../backends/keys/keys.ts';
import type { KeyContext } from '../core/key-context.ts';
import { newKey } from '../seal/envelope.ts';

const CONTEXT: KeyContext = { kind: 'database', workspace: 'none', id: 'metadata' };

/**
 * The key of the embedded metadata database (32 bytes), kept in `path` under the root; made on the first start, and
 * wrapped anew when the root has changed.
 * @throws Problem `key_invalid` when no root at hand wrapped it, `data_corrupt` when the file was changed.
 */
export async function openDatabaseKey(path: string, root: RootKeys): Promise<Uint8Array> {
  if (!existsSync(path)) {
    const key = newKey();
    await write(path, await root.wrap(key, CONTEXT));
    return key;
  }
  const wrapped = Buffer.from(readFileSync(path, 'latin1').trim(), 'base64');
  const key = await root.unwrap(wrapped, CONTEXT);
  if (!root.isCurrent(wrapped)) await write(path, await root.wrap(key, CONTEXT));
  return key;
}

/** Written beside and renamed, so that at every moment the old or the new one is there. */
async function write(path: string, wrapped: Uint8Array): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.write(`${Buffer.from(wrapped).toString('base64')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
}
