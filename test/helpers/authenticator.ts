import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What the service asks a browser to make or answer. */
interface Options {
  readonly challenge: string;
  readonly rp?: { readonly id: string };
  readonly rpId?: string;
  readonly user?: { readonly id: string };
  readonly allowCredentials?: readonly { readonly id: string }[];
}

/** What a test makes go wrong. */
export interface Twist {
  /** In place of the site that the person is on. */
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  /** Whether the person was asked for a finger or a PIN. Default: yes. */
  readonly verified?: boolean;
  /** The counter that is told; otherwise one more each time. */
  readonly counter?: number;
  readonly userHandle?: string;
  /** Attests with a certificate, though nobody has asked for one. */
  readonly certificate?: Buffer;
  /** Signs with a key of its own. */
  readonly forged?: boolean;
}

/** A browser with a security key in it: keys and answers are real (WebAuthn Level 3, ES256), the finger is not. */
export interface Authenticator {
  /** `navigator.credentials.create`. */
  create(options: Options, twist?: Twist): object;
  /** `navigator.credentials.get`. @throws Error when it has no credential for the site. */
  get(options: Options, twist?: Twist): object;
}

interface Kept {
  readonly id: Buffer;
  readonly rpId: string;
  readonly userHandle: string;
  readonly key: KeyObject;
}

const PRESENT = 0x01;
const VERIFIED = 0x04;
const HAS_CREDENTIAL = 0x40;
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();
const base64url = (data: Buffer) => data.toString('base64url');

/** A new one, on the page of `origin`. */
export function createAuthenticator(origin: string): Authenticator {
  const credentials: Kept[] = [];
  let uses = 0;

  const clientData = (type: string, challenge: string, twist: Twist) =>
    Buffer.from(
      JSON.stringify({
        type,
        challenge: twist.challenge ?? challenge,
        origin: twist.origin ?? origin,
        crossOrigin: false,
      }),
    );

  function authenticatorData(rpId: string, flags: number, twist: Twist): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(twist.counter ?? ++uses);
    const all = flags | PRESENT | (twist.verified === false ? 0 : VERIFIED);
    return Buffer.concat([sha256(twist.rpId ?? rpId), Buffer.from([all]), counter]);
  }

  return {
    create({ challenge, rp, user }, twist = {}) {
      const { publicKey, privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const id = randomBytes(32);
      credentials.push({ id, rpId: rp!.id, userHandle: user!.id, key });
      const authData = Buffer.concat([
        authenticatorData(rp!.id, HAS_CREDENTIAL, twist),
        Buffer.alloc(16),
        Buffer.from([0, id.length]),
        id,
        cborKey(publicKey),
      ]);
      const attestationObject = cborMap([
        [cborText('fmt'), cborText(twist.certificate ? 'packed' : 'none')],
        [cborText('attStmt'), cborMap(twist.certificate ? [[cborText('x5c'), cborArray([twist.certificate])]] : [])],
        [cborText('authData'), cborBytes(authData)],
      ]);
      const clientDataJSON = base64url(clientData('webauthn.create', challenge, twist));
      const response = { clientDataJSON, attestationObject: base64url(attestationObject), transports: ['internal'] };
      return answer(id, response);
    },

    get({ challenge, rpId, allowCredentials = [] }, twist = {}) {
      const fits = (one: Kept) =>
        one.rpId === rpId &&
        (allowCredentials.length === 0 || allowCredentials.some(({ id }) => id === base64url(one.id)));
      const kept = credentials.findLast(fits);
      if (!kept) throw new Error(`There is no credential for ${rpId}.`);
      const data = authenticatorData(kept.rpId, 0, twist);
      const client = clientData('webauthn.get', challenge, twist);
      const key = twist.forged ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey : kept.key;
      return answer(kept.id, {
        clientDataJSON: base64url(client),
        authenticatorData: base64url(data),
        signature: base64url(sign('sha256', Buffer.concat([data, sha256(client)]), key)),
        userHandle: twist.userHandle ?? kept.userHandle,
      });
    },
  };
}

const answer = (id: Buffer, response: object): object => ({
  id: base64url(id),
  rawId: base64url(id),
  type: 'public-key',
  clientExtensionResults: {},
  response,
});

/** COSE (RFC 9053, 7.1): kty EC2, alg ES256, crv P-256, x, y. */
function cborKey(key: KeyObject): Buffer {
  const { x, y } = key.export({ format: 'jwk' });
  const coordinate = (text: string | undefined) => cborBytes(Buffer.from(text!, 'base64url'));
  return cborMap([
    [Buffer.from([0x01]), Buffer.from([0x02])],
    [Buffer.from([0x03]), Buffer.from([0x26])],
    [Buffer.from([0x20]), Buffer.from([0x01])],
    [Buffer.from([0x21]), coordinate(x)],
    [Buffer.from([0x22]), coordinate(y)],
  ]);
}

/** CBOR (RFC 8949), as much as is needed. */
const cborHead = (kind: number, length: number) =>
  Buffer.from(
    length < 24 ? [kind | length] : length < 256 ? [kind | 24, length] : [kind | 25, length >> 8, length & 255],
  );
const cborText = (text: string) => Buffer.concat([cborHead(0x60, Buffer.byteLength(text)), Buffer.from(text)]);
const cborBytes = (bytes: Buffer) => Buffer.concat([cborHead(0x40, bytes.length), bytes]);
const cborMap = (entries: [Buffer, Buffer][]) => Buffer.concat([cborHead(0xa0, entries.length), ...entries.flat()]);
const cborArray = (items: Buffer[]) => Buffer.concat([cborHead(0x80, items.length), ...items.map(cborBytes)]);
