import type { Fetch } from './transport.ts';

/** As much of a browser's XMLHttpRequest as sending needs. */
interface Xhr {
  readonly upload: { onprogress: ((event: { loaded: number }) => void) | null };
  readonly status: number;
  readonly statusText: string;
  readonly responseText: string;
  onload: (() => void) | null;
  onerror: (() => void) | null;
  onabort: (() => void) | null;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  getResponseHeader(name: string): string | null;
  send(body: unknown): void;
  abort(): void;
}

/** The browser's XMLHttpRequest, if this is a browser. */
export const BrowserXhr = (globalThis as { XMLHttpRequest?: new () => Xhr }).XMLHttpRequest;

/** `fetch` for a browser's uploads, which alone cannot say there how much it has sent: `onBytes` is told the sum. */
export const fetchByXhr =
  (Xhr: new () => Xhr, onBytes: (sent: number) => void): Fetch =>
  (url, { method = 'GET', headers, body, signal }) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const xhr = new Xhr();
      xhr.open(method, url);
      for (const [name, value] of Object.entries(headers as Record<string, string>)) xhr.setRequestHeader(name, value);
      xhr.upload.onprogress = ({ loaded }) => onBytes(loaded);
      xhr.onload = () => resolve(toResponse(xhr));
      xhr.onerror = () => reject(new TypeError('The request failed.'));
      xhr.onabort = () => reject(signal?.reason);
      signal?.addEventListener('abort', () => xhr.abort(), { once: true });
      xhr.send(body);
    });

function toResponse(xhr: Xhr): Response {
  const { status, statusText, responseText } = xhr;
  const type = xhr.getResponseHeader('content-type') ?? 'text/plain';
  return new Response(responseText, { status, statusText, headers: { 'content-type': type } });
}
