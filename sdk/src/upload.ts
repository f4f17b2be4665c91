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

/** What a file can be said to be, whatever its name ends in; with `auto` its content decides before the name. */
export const FILE_KINDS = [
  ...(['auto', 'csv', 'txt', 'xlsx', 'xlsb', 'xls', 'ods', 'json', 'pdf', 'parquet', 'xml', 'zip'] as const),
] as const;

/** What may be said about a file, and how its sending is followed. `docs/formats` says what each format heeds. */
export interface UploadOptions {
  /** Columns to seal besides those that are found to be sensitive. */
  readonly seal?: readonly string[] | undefined;
  /** Columns not to seal, whatever is found in them. */
  readonly plain?: readonly string[] | undefined;
  /** One character, or `tab`; a blank behind it belongs to it. */
  readonly delimiter?: string | undefined;
  /** One ASCII character, or `none`. */
  readonly quote?: string | undefined;
  /** What stands before a quote within a cell: one ASCII character, or `none`. */
  readonly escape?: string | undefined;
  /** One ASCII character; lines that begin with it are no rows. */
  readonly comment?: string | undefined;
  /** Lines, or rows of a sheet, above the table: 0 to 1,000. */
  readonly skipLines?: number | undefined;
  /** A label of the WHATWG Encoding Standard. */
  readonly encoding?: string | undefined;
  readonly header?: 'present' | 'absent' | undefined;
  /** Lines of the header: 1 to 10. */
  readonly headerRows?: number | undefined;
  /** What becomes of a row with too few or too many cells; with `extra` none has too many. */
  readonly ragged?: 'reject' | 'pad' | 'extra' | undefined;
  readonly as?: (typeof FILE_KINDS)[number] | undefined;
  /** Of XML: the path of the elements that are rows, from the root on, such as `feed/entry`. */
  readonly rows?: string | undefined;
  /** What opens the file. Held in the service's memory until it is parsed; never stored. */
  readonly password?: string | undefined;
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

function fieldsOf(options: UploadOptions): Fields {
  const { seal, plain, delimiter, quote, comment, skipLines, encoding } = options;
  const { header, headerRows, ragged, as, rows, password } = options;
  const given = {
    // As JSON, because a column's name may hold a comma.
    seal: seal?.length ? JSON.stringify(seal) : undefined,
    plain: plain?.length ? JSON.stringify(plain) : undefined,
    ...{ delimiter, quote, escape: options.escape, comment, skip_lines: skipLines, encoding },
    ...{ header, header_rows: headerRows, ragged, as, rows, password },
  };
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
}
