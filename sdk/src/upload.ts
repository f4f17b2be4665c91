import { multipart } from './multipart.ts';
import type { FileContent, FilePending } from './schema.ts';
import type { ApiRequest, Transport } from './transport.ts';
import { BrowserXhr, fetchByXhr } from './xhr.ts';

/** A file to send. A `File` of a browser is one; `fileAt` of `@intakt/sdk/node` makes one of a path. */
export type Upload =
  | (Blob & { readonly name: string })
  | {
      readonly name: string;
      /** A stream is read once; a function that makes a new one lets a refused request be repeated. */
      readonly content: Blob | ReadableStream<Uint8Array> | (() => ReadableStream<Uint8Array>);
      /** Bytes, where they are known; only `onProgress` needs them. */
      readonly size?: number | undefined;
    };

/** What may be said about a file, and how its sending is followed. */
export interface UploadOptions {
  /** Columns to seal besides those that are found to be sensitive. */
  readonly seal?: readonly string[] | undefined;
  /** Columns not to seal, whatever is found in them. */
  readonly plain?: readonly string[] | undefined;
  /** One character, or `tab`. */
  readonly delimiter?: string | undefined;
  /** A label of the WHATWG Encoding Standard. */
  readonly encoding?: string | undefined;
  readonly header?: 'present' | 'absent' | undefined;
  /** What becomes of a row with too few or too many cells. */
  readonly ragged?: 'reject' | 'pad' | undefined;
  /** Seconds, at most 60, to wait for the rows. */
  readonly wait?: number | undefined;
  /** Makes a repeated request give the first one's file. 1 to 255 visible ASCII characters. */
  readonly idempotencyKey?: string | undefined;
  /** Told the bytes sent so far, and those there are (`null` when that is unknown). */
  readonly onProgress?: ((sent: number, total: number | null) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Sends a file. See `Client.upload`. */
export async function upload(
  transport: Transport,
  file: Upload,
  options: UploadOptions,
): Promise<FileContent | FilePending> {
  const { wait, idempotencyKey, signal } = options;
  const source = 'content' in file ? file : { name: file.name, content: file, size: file.size };
  const { headers, ...body } = bodyOf(source, fieldsOf(options), options.onProgress ?? (() => {}));
  const response = await transport.send({
    method: 'POST',
    path: '/files',
    headers: {
      ...headers,
      ...(wait !== undefined && { prefer: `wait=${wait}` }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    },
    signal,
    ...body,
  });
  return (await response.json()) as FileContent | FilePending;
}

type Source = Exclude<Upload, Blob>;
type Fields = [name: string, value: string][];
type OnProgress = NonNullable<UploadOptions['onProgress']>;

function bodyOf(
  { name, content, size }: Source,
  fields: Fields,
  onProgress: OnProgress,
): Pick<ApiRequest, 'body' | 'headers' | 'once' | 'fetch'> {
  const total = content instanceof Blob ? content.size : (size ?? null);
  if (BrowserXhr && content instanceof Blob) {
    const told = (sent: number) => onProgress(Math.min(sent, content.size), total);
    return { body: () => toFormData(fields, content, name), fetch: fetchByXhr(BrowserXhr, told) };
  }
  const boundary = `intakt-${crypto.randomUUID()}`;
  const body = () => {
    let sent = 0;
    return multipart({ fields, filename: name, content: open(content) }, boundary, (count) => {
      sent += count;
      onProgress(sent, total);
    });
  };
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
  return { body, headers, once: content instanceof ReadableStream };
}

function open(content: Source['content']): ReadableStream<Uint8Array> {
  if (content instanceof Blob) return content.stream();
  return typeof content === 'function' ? content() : content;
}

function toFormData(fields: Fields, content: Blob, name: string): FormData {
  const form = new FormData();
  for (const [field, value] of fields) form.append(field, value);
  form.append('file', content, name);
  return form;
}

function fieldsOf({ seal, plain, delimiter, encoding, header, ragged }: UploadOptions): Fields {
  // As JSON, because a column's name may hold a comma.
  const given = {
    seal: seal?.length ? JSON.stringify(seal) : undefined,
    plain: plain?.length ? JSON.stringify(plain) : undefined,
    delimiter,
    encoding,
    header,
    ragged,
  };
  return Object.entries(given).filter((field): field is [string, string] => field[1] !== undefined);
}
