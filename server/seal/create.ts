import { createNodeSealer } from './fernet.ts';
import { createWasmSealer } from './fernet-wasm.ts';
import { createKeyring } from './keyring.ts';
import { loadLanes } from './lanes.ts';
import type { Sealer } from './sealer.ts';

/**
 * The sealer for these keys (32 bytes each, newest first): seals under the first, opens with any, and takes the
 * WebAssembly path where the runtime has SIMD.
 * @throws Problem `key_invalid` when there is no key or one has not 32 bytes.
 */
export function createSealer(keys: readonly Uint8Array[]): Sealer {
  const create = loadLanes() === null ? createNodeSealer : createWasmSealer;
  return createKeyring(keys.map((key) => create(key)));
}
