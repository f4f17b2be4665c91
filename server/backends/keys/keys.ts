import type { KeyContext } from '../../core/key-context.ts';

/**
 * The root of the key hierarchy: it encrypts the keys of workspaces and of the metadata database and never leaves its
 * place, be that this process's memory or a key management service.
 */
export interface RootKeys {
  /** `plainKey` encrypted under the current root, bound to `context`. What comes back is safe to store. */
  wrap(plainKey: Uint8Array, context: KeyContext): Promise<Uint8Array>;
  /**
   * The key that was wrapped with the same context, now the caller's.
   * @throws Problem `key_invalid` when no root at hand wrapped it; `data_corrupt` when it was changed or belongs to
   * another context; `unavailable` when the service that holds the root does not answer.
   */
  unwrap(wrapped: Uint8Array, context: KeyContext): Promise<Uint8Array>;
  /** Whether `wrapped` is under the current root; otherwise it should be wrapped anew. */
  isCurrent(wrapped: Uint8Array): boolean;
}
