import { WebSocket as SocketWithHeaders } from 'ws';
import type { Person } from './client.ts';

/** What a socket or an event stream told. */
// biome-ignore lint/suspicious/noExplicitAny: it is whatever the service says, which the tests look into.
export type Message = any;

/** An open socket and what it has told so far. */
export interface Follower {
  readonly messages: Message[];
  send(message: unknown): void;
  close(): void;
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
}

/** Opens a WebSocket with an `Authorization` header, as a program does. @throws Error with the HTTP status of a refusal. */
export function followWithHeader(person: Person, path: string): Promise<Follower> {
  const socket = new SocketWithHeaders(toWs(person.base + path), { headers: person.headers });
  socket.on('unexpected-response', (_request, { statusCode }) => socket.emit('error', new Error(String(statusCode))));
  return opened(socket as unknown as WebSocket);
}

/** Opens a WebSocket as a browser does: no header can be sent. */
export function followAsBrowser(url: string): Promise<Follower> {
  return opened(new WebSocket(toWs(url)));
}

/** The HTTP status and headers with which a WebSocket handshake is refused; 101 when it is not. */
export function handshake(url: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; challenge: string | undefined }>((resolve, reject) => {
    const socket = new SocketWithHeaders(toWs(url), { headers });
    socket.on('unexpected-response', (_request, response) => {
      resolve({ status: response.statusCode!, challenge: response.headers['www-authenticate'] });
      response.destroy();
    });
    socket.on('open', () => {
      resolve({ status: 101, challenge: undefined });
      socket.terminate();
    });
    socket.on('error', reject);
  });
}

const toWs = (url: string): string => url.replace(/^http/, 'ws');

function opened(socket: WebSocket): Promise<Follower> {
  const { promise, resolve, reject } = Promise.withResolvers<Follower>();
  const closing = Promise.withResolvers<number>();
  const messages: Message[] = [];
  socket.onmessage = ({ data }) => void messages.push(JSON.parse(String(data)));
  socket.onclose = ({ code }) => closing.resolve(code);
  socket.onerror = (event) => reject(new Error((event as { message?: string }).message ?? 'the handshake was refused'));
  const send = (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  socket.onopen = () => resolve({ messages, send, close: () => socket.close(), closed: closing.promise });
  return promise;
}

/** One event of a stream of Server-Sent Events. */
export interface StreamEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Message;
}

/** The events of a stream until it ends. */
export async function readEventStream(response: Response): Promise<StreamEvent[]> {
  const blocks = (await response.text()).split('\n\n').filter((block) => block !== '' && !block.startsWith(':'));
  return blocks.map((block) => {
    const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
    return { id: fields.id ?? '', event: fields.event ?? '', data: JSON.parse(fields.data ?? 'null') };
  });
}
