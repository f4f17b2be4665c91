import type { KeyContext } from '../../core/key-context.ts';
import { Problem } from '../../core/problem.ts';
import {
  deriveKey,
  nameOf,
  unwrapKey,
  type WrappingKey,
  wrapKey,
  wrappingKey,
  wrappingKeyId,
} from '../../seal/envelope.ts';
import type { RootKeys } from './keys.ts';

/**
 * Root keys in this process's memory, derived from the Fernet keys of ENCRYPTION_KEY (32 bytes each, newest first): the
 * newest wraps, all unwrap.
 * @throws Problem `config_invalid` without a key; `key_invalid` when one has not 32 bytes.
 */
export function createLocalRootKeys(fernetKeys: readonly Uint8Array[]): RootKeys {
  // Subkeys, so that a key which also happens to be used as a Fernet key serves two ciphers under two keys.
  const roots = fernetKeys.map((key) => wrappingKey(deriveKey(key, 'root')));
  const [current] = roots;
  if (!current) throw new Problem('config_invalid', 'ENCRYPTION_KEY holds no key. Set it to a Fernet key.');

  return {
    wrap: async (plainKey, context) => wrapKey(current, plainKey, context),
    unwrap: async (wrapped, context) => unwrapKey(rootOf(roots, wrapped, context), wrapped, context),
    isCurrent: (wrapped) => Buffer.from(current.id).equals(wrapped.subarray(1, 1 + current.id.length)),
  };
}

function rootOf(roots: readonly WrappingKey[], wrapped: Uint8Array, context: KeyContext): WrappingKey {
  const id = Buffer.from(wrappingKeyId(wrapped, context));
  const root = roots.find((candidate) => id.equals(candidate.id));
  if (root) return root;
  throw new Problem(
    'key_invalid',
    `The key of ${nameOf(context)} was encrypted under root key ${id.toString('hex')}, which ENCRYPTION_KEY does not hold. Add the earlier key at the end of ENCRYPTION_KEY, after a comma.`,
  );
}
