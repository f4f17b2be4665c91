import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
// @ts-expect-error it has no types.
import Provider from 'oidc-provider';

/** What our service is known by at either provider. */
export const CLIENT = { id: 'intakt', secret: 'a secret of 32 characters or more' };

/** A provider that runs in this process; its address has to be known before the client's has. */
export interface OpenIdProvider {
  readonly issuer: string;
  close(): void;
}

/** Claims of an account, whose subject is the name that it logs in by. */
export type Accounts = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A certified provider (`oidc-provider`) with a page to log in and one to consent; any password is right. */
export async function startProvider(accounts: Accounts) {
  const server = await listen();
  const issuer = urlOf(server);
  return {
    issuer,
    close: () => closeAll(server),
    /** From now on it sends people back to this address. */
    trust(redirectUri: string): void {
      const provider = new Provider(issuer, {
        clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirectUri] }],
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
        cookies: { keys: ['of a test'] },
        findAccount: (_: unknown, accountId: string) => ({
          accountId,
          claims: () => ({ sub: accountId, ...accounts[accountId] }),
        }),
      });
      server.on('request', provider.callback());
    },
  };
}

/** What a provider says that is not so. */
export interface Lie {
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Signs with a key that is not among its own. */
  readonly forged?: boolean;
  /** Sends a token that is signed by nobody. */
  readonly unsigned?: boolean;
  readonly noIdToken?: boolean;
}

/** A provider that answers as the test wishes; its tokens are right but for the lie. */
export async function startLiar() {
  const server = await listen();
  const issuer = urlOf(server);
  const [own, other] = [await generateKeyPair('RS256'), await generateKeyPair('RS256')];
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'own', alg: 'RS256', use: 'sig' };
  let lie: Lie = {};
  let asked = new URLSearchParams();

  async function idToken(): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      nonce: asked.get('nonce')!,
      sub: 'somebody',
      iss: issuer,
      aud: CLIENT.id,
      iat: now,
      exp: now + 60,
    };
    const payload = { ...claims, ...lie.claims };
    if (lie.unsigned) {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      return `${part({ alg: 'none' })}.${part(payload)}.`;
    }
    const header = { alg: 'RS256', kid: 'own' };
    return new SignJWT(payload).setProtectedHeader(header).sign((lie.forged ? other : own).privateKey);
  }

  async function answer(request: IncomingMessage): Promise<object | null> {
    if (request.url === '/.well-known/openid-configuration') {
      return {
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        id_token_signing_alg_values_supported: ['RS256'],
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        authorization_response_iss_parameter_supported: true,
      };
    }
    if (request.url === '/jwks') return { keys: [jwk] };
    if (request.url !== '/token') return null;
    const form = new URLSearchParams(await textOf(request));
    const challenge = createHash('sha256').update(form.get('code_verifier')!).digest('base64url');
    if (challenge !== asked.get('code_challenge')) return null;
    return { access_token: 'x', token_type: 'bearer', ...(!lie.noIdToken && { id_token: await idToken() }) };
  }

  server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
    const body = await answer(request);
    response.writeHead(body ? 200 : 400, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? { error: 'invalid_grant' }));
  });
  return {
    issuer,
    close: () => closeAll(server),
    /** What it is asked at `authorizationUrl`, and what it will say. */
    prepare(authorizationUrl: string, next: Lie = {}): URLSearchParams {
      lie = next;
      asked = new URL(authorizationUrl).searchParams;
      return asked;
    },
  };
}

/** A browser as far as cookies, redirects and forms go. */
export function createBrowser() {
  const jars = new Map<string, Map<string, string>>();

  /** Sends a request with the cookies of its host and port, and keeps those of the answer. */
  async function send(url: string, init: RequestInit = {}): Promise<Response> {
    const jar = jars.get(new URL(url).host) ?? new Map<string, string>();
    jars.set(new URL(url).host, jar);
    const cookie = [...jar].map((pair) => pair.join('=')).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';', 1)[0]!.split(/=(.*)/s);
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  return {
    send,
    /** The cookies that it has for a host and port. */
    cookies: (url: string): ReadonlyMap<string, string> => jars.get(new URL(url).host) ?? new Map(),
    /**
     * Goes to a provider's page, logs in and consents; the address that it is sent back to, without going there. A login
     * of `null` clicks on cancel.
     */
    async through(url: string, login: string | null, until: string): Promise<string> {
      let response = await send(url);
      for (let steps = 0; steps < 20; steps++) {
        const to = response.headers.get('location');
        if (to !== null) {
          url = new URL(to, url).href;
          if (url.startsWith(until)) return url;
          response = await send(url);
          continue;
        }
        const page = await response.text();
        const abort = /href="([^"]+\/abort)"/.exec(page)?.[1];
        const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1];
        if (!action || !abort) throw new Error(`${response.status} ${url}: ${page.slice(0, 2000)}`);
        url = new URL(login === null ? abort : action, url).href;
        const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? '';
        const body = new URLSearchParams({ prompt, login: login ?? '', password: 'any' });
        response = await send(url, login === null ? {} : { method: 'POST', body });
      }
      throw new Error(`There is no end to it: ${url}`);
    },
  };
}

async function listen(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function closeAll(server: Server): void {
  server.close();
  server.closeAllConnections();
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
