import { errorOf, unreachable } from './errors.ts';
import { calls, type Operations } from './schema.ts';
import type { Session } from './session.ts';

/** A request of the API. */
export interface ApiRequest {
  readonly method: string;
  /** Below `/v1`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Makes the body; asked again when the request is repeated. */
  readonly body?: (() => RequestInit['body']) | undefined;
  /** The body can be read only once, so the request is never repeated. */
  readonly once?: boolean | undefined;
  /** Needs no login. */
  readonly open?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Sends it in place of the client's own `fetch`. */
  readonly fetch?: Fetch | undefined;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

type Name = keyof Operations;

/** What an operation takes: `params` of its path, `query`, `body`. */
export type Input<N extends Name> = Operations[N]['input'];

/** What an operation answers. */
export type Answer<N extends Name> = Operations[N]['answer'];

/** Sends requests and tells of refusals as `IntaktError`. */
export interface Transport {
  /** The 2xx answer, its body not read yet. A request refused because its token has expired is repeated once. */
  send(request: ApiRequest): Promise<Response>;
  /** Runs an operation of the API by its name. */
  call<N extends Name>(name: N, input: Input<N>, more?: Pick<ApiRequest, 'open' | 'signal'>): Promise<Answer<N>>;
}

/** A transport to the service at `url` that authenticates by `session`. */
export function createTransport(url: string, fetch: Fetch, session: () => Session): Transport {
  async function attempt(request: ApiRequest, token: string | null): Promise<Response> {
    const { method, path, query, headers, body, signal } = request;
    const content = body?.() ?? null;
    const init = {
      method,
      headers: { accept: 'application/json', ...headers, ...(token && { authorization: `Bearer ${token}` }) },
      body: content,
      duplex: 'half' as const,
      signal: signal ?? null,
      // Otherwise fetch keeps all it has sent of a stream, for a redirect that it could not follow with one anyway.
      ...(content instanceof ReadableStream && { redirect: 'error' as const, window: null }),
    };
    try {
      return await (request.fetch ?? fetch)(`${url}/v1${path}${toQuery(query)}`, init);
    } catch (error) {
      throw signal?.aborted ? error : unreachable(url, error);
    }
  }

  async function send(request: ApiRequest): Promise<Response> {
    const token = request.open ? null : await session().accessToken();
    const first = await attempt(request, token);
    if (first.ok) return first;
    const error = await errorOf(first);
    if (error.code !== 'token_expired' || token === null || request.once) throw error;
    const second = await attempt(request, await session().renew(token));
    if (second.ok) return second;
    throw await errorOf(second);
  }

  return {
    send,
    async call(name, input, more) {
      const { params, query, body } = input as Partial<Record<'params' | 'query' | 'body', Record<string, unknown>>>;
      const [method = '', template = ''] = calls[name].split(' ');
      const response = await send({
        method,
        path: template.replace(/\{(\w+)\}/g, (_, param: string) => encodeURIComponent(String(params?.[param]))),
        query,
        ...(body && { body: () => JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        ...more,
      });
      return (response.status === 204 ? undefined : await response.json()) as Answer<typeof name>;
    },
  };
}

function toQuery(query: Readonly<Record<string, unknown>> = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().flatMap((one) => (one === undefined ? [] : [[name, String(one)] as [string, string]])),
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
}
