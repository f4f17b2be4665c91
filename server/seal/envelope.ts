import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import type { KeyContext } from '../core/key-context.ts';
import { Problem } from '../core/problem.ts';

/** Bytes of every key. */
export const KEY_SIZE = 32;

const VERSION = 1;
const ID_SIZE = 8;
const NONCE_SIZE = 12;
const TAG_SIZE = 16;
const HEADER_SIZE = 1 + ID_SIZE + NONCE_SIZE;

/** A key that encrypts other keys, and the 8 bytes by which a wrapped key names it; they tell nothing of the key. */
export interface WrappingKey {
  readonly id: Uint8Array;
  readonly key: KeyObject;
}

/** A new random key. */
export const newKey = (): Uint8Array => randomBytes(KEY_SIZE);

/**
 * The 32-byte subkey of `key` for one purpose: HKDF-SHA-256 (RFC 5869), no salt, info `intakt ` and the purpose. A
 * purpose in use must never change its name.
 * @throws Problem `key_invalid` when `key` has not 32 bytes.
 */
export function deriveKey(key: Uint8Array, purpose: string): Uint8Array {
  if (key.length !== KEY_SIZE) throw new Problem('key_invalid', `A key has ${key.length} bytes; it must have 32.`);
  return new Uint8Array(hkdfSync('sha256', key, '', `intakt ${purpose}`, KEY_SIZE));
}

/** The wrapping key that the 32 bytes of `key` are. @throws Problem `key_invalid` when it has not 32 bytes. */
export function wrappingKey(key: Uint8Array): WrappingKey {
  return { id: deriveKey(key, 'key-id').subarray(0, ID_SIZE), key: createSecretKey(key) };
}

/**
 * `plainKey` under AES-256-GCM: `version (1) ‖ id of the wrapping key (8) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`. The
 * associated data are the first nine bytes and the context. One wrapping key may wrap 2³² keys.
 */
export function wrapKey(under: WrappingKey, plainKey: Uint8Array, context: KeyContext): Uint8Array {
  const header = Buffer.concat([Uint8Array.of(VERSION), under.id, randomBytes(NONCE_SIZE)]);
  const cipher = createCipheriv('aes-256-gcm', under.key, header.subarray(-NONCE_SIZE));
  cipher.setAAD(boundTo(header, context));
  return Buffer.concat([header, cipher.update(plainKey), cipher.final(), cipher.getAuthTag()]);
}

/**
 * The key that `wrapKey` wrapped under the same key and context.
 * @throws Problem `key_invalid` when it was wrapped under another key; `data_corrupt` when it was changed or belongs to
 * another context.
 */
export function unwrapKey(under: WrappingKey, wrapped: Uint8Array, context: KeyContext): Uint8Array {
  if (!Buffer.from(wrappingKeyId(wrapped, context)).equals(under.id)) {
    throw new Problem('key_invalid', `The key of ${nameOf(context)} was encrypted under another key.`);
  }
  const header = Buffer.from(wrapped.subarray(0, HEADER_SIZE));
  const decipher = createDecipheriv('aes-256-gcm', under.key, header.subarray(-NONCE_SIZE), {
    authTagLength: TAG_SIZE,
  });
  decipher.setAAD(boundTo(header, context));
  decipher.setAuthTag(wrapped.subarray(-TAG_SIZE));
  const plainKey = decipher.update(wrapped.subarray(HEADER_SIZE, -TAG_SIZE));
  try {
    decipher.final();
  } catch {
    throw corrupt(context);
  }
  return plainKey;
}

/**
 * The id of the key under which `wrapped` was wrapped.
 * @throws Problem `data_corrupt` when it is no wrapped key of a known version.
 */
export function wrappingKeyId(wrapped: Uint8Array, context: KeyContext): Uint8Array {
  if (wrapped[0] !== VERSION || wrapped.length < HEADER_SIZE + TAG_SIZE) throw corrupt(context);
  return wrapped.subarray(1, 1 + ID_SIZE);
}

/** What a key belongs to, for messages: `workspace 0192…`. */
export const nameOf = ({ kind, id }: KeyContext): string => `${kind} ${id}`;

/** JSON is an injective encoding here: no two contexts give the same bytes. */
function boundTo(header: Uint8Array, { kind, workspace, id }: KeyContext): Buffer {
  const context = Buffer.from(JSON.stringify([kind, workspace, id]));
  return Buffer.concat([header.subarray(0, 1 + ID_SIZE), context]);
}

const corrupt = (context: KeyContext): Problem =>
  new Problem(
    'data_corrupt',
    `The wrapped key of ${nameOf(context)} was damaged, tampered with or taken from elsewhere. Restore it from a backup.`,
  );
