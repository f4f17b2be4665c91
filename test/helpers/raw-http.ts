import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { type Answer, assertKeepsContract } from './client.ts';

/** One part of a multipart form, written as given: nothing is escaped in `disposition`. */
export interface RawPart {
  /** Such as `form-data; name="file"; filename="x.csv"`. */
  readonly disposition: string;
  readonly data: string | Uint8Array;
}

/** A request whose bytes the test decides. */
export interface RawRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** Sent with a `Content-Length` unless `chunked`. */
  readonly body?: Uint8Array;
  readonly chunked?: boolean;
  /** Drop the connection after this many bytes of the body. */
  readonly dropAfter?: number;
  /** Default: a connection of its own. */
  readonly agent?: Agent;
}

/** One connection that requests can follow each other on; closed when disposed of. */
export function keepAlive(): { readonly agent: Agent } & Disposable {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return { agent, [Symbol.dispose]: () => agent.destroy() };
}

const BOUNDARY = 'xXxXxXxXxXxXxXxX';
/** The content type of `rawForm`. */
export const RAW_FORM = `multipart/form-data; boundary=${BOUNDARY}`;

/** The body of a multipart form (RFC 7578). */
export function rawForm(parts: readonly RawPart[]): Buffer {
  const pieces = parts.flatMap(({ disposition, data }) => [
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: ${disposition}\r\nContent-Type: text/csv\r\n\r\n`),
    Buffer.from(data as string),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

/** Sends a request with node:http, held to what `call` holds its answers to; `null` when the connection was dropped. */
export function sendRaw(url: string, options: RawRequest): Promise<Answer | null> {
  const { method = 'POST', headers = {}, body = Buffer.alloc(0), chunked = false, dropAfter, agent } = options;
  return new Promise((resolve, reject) => {
    const length = chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.length) };
    const sent = request(url, { method, headers: { ...headers, ...length }, agent: agent ?? false });
    sent.on('response', async (response) => {
      const chunks: Buffer[] = [];
      response.on('error', reject);
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const answer = toAnswer(response.statusCode!, response.headers, Buffer.concat(chunks).toString());
      try {
        assertKeepsContract(answer, `${method} ${new URL(url).pathname}`);
        resolve(answer);
      } catch (error) {
        reject(error);
      }
    });
    sent.on('error', (error) => (dropAfter === undefined ? reject(error) : resolve(null)));
    if (dropAfter === undefined) sent.end(body);
    else sent.write(body.subarray(0, dropAfter), () => sent.destroy());
  });
}

function toAnswer(status: number, headers: IncomingHttpHeaders, text: string): Answer {
  const json = /json/.test(headers['content-type'] ?? '');
  const plain = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return { status, headers: new Headers(plain), body: json && text ? JSON.parse(text) : text, text };
}
