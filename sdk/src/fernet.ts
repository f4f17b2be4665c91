import { IntaktError } from './errors.ts';

/** Opens sealed values here, with keys that were exported: the service is not asked, and its audit log tells nothing of it. */
export interface Opener {
  /** @throws IntaktError `token_invalid` for what no key opens. */
  open(token: string): Promise<string>;
}

type Half = Awaited<ReturnType<typeof globalThis.crypto.subtle.importKey>>;

interface Key {
  readonly sign: Half;
  readonly cipher: Half;
}

/** Version, time and IV before the ciphertext, and the HMAC behind it, by the Fernet specification. */
const FRONT = 1 + 8 + 16;
const TAG = 32;
const BLOCK = 16;

/** An opener of the workspace's Fernet keys, newest first. @throws IntaktError `key_invalid` for what is no key. */
export async function createOpener(keys: readonly string[]): Promise<Opener> {
  const imported = await Promise.all(keys.map(importKey));
  return {
    async open(token) {
      const bytes = fromBase64url(token);
      for (const key of bytes && isToken(bytes) ? imported : []) {
        const value = await openWith(key, bytes!);
        if (value !== undefined) return value;
      }
      throw problem(
        'token_invalid',
        'A sealed value cannot be opened: it was sealed with another key, or is no token.',
      );
    },
  };
}

function isToken({ 0: version, length }: Uint8Array): boolean {
  const ciphertext = length - FRONT - TAG;
  return version === 0x80 && ciphertext >= BLOCK && ciphertext % BLOCK === 0;
}

async function importKey(text: string): Promise<Key> {
  const bytes = fromBase64url(text.trim());
  if (bytes?.length !== 32)
    throw problem('key_invalid', 'A Fernet key is 32 bytes in base64url, as keys are exported.');
  const { subtle } = globalThis.crypto;
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  return {
    sign: await subtle.importKey('raw', bytes.slice(0, 16), hmac, false, ['verify']),
    cipher: await subtle.importKey('raw', bytes.slice(16), 'AES-CBC', false, ['decrypt']),
  };
}

/** `undefined` where it was not sealed with this key: nothing is deciphered that is not authentic. */
async function openWith({ sign, cipher }: Key, bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  const { subtle } = globalThis.crypto;
  const signed = bytes.slice(0, -TAG);
  if (!(await subtle.verify('HMAC', sign, bytes.slice(-TAG), signed))) return undefined;
  const iv = signed.slice(FRONT - BLOCK, FRONT);
  return new TextDecoder().decode(await subtle.decrypt({ name: 'AES-CBC', iv }, cipher, signed.slice(FRONT)));
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}

const problem = (code: string, detail: string): IntaktError =>
  new IntaktError({ code, detail, status: 0, title: 'Sealed values are not opened' });
