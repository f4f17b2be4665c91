import type { Transport } from './transport.ts';

export interface DownloadOptions {
  /** First byte. */
  readonly start?: number | undefined;
  /** The byte after the last one; default the file's end. */
  readonly end?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes on their way; the caller reads or cancels `content`. */
export interface Download {
  readonly content: ReadableStream<Uint8Array>;
  /** Bytes that `content` will give. */
  readonly size: number;
  /** The sender's name for the file: data, not a safe path. `null` where a browser may not see it. */
  readonly filename: string | null;
  /** Of the whole file, in hexadecimal; `null` where a browser may not see it. */
  readonly sha256: string | null;
}

/** Begins a download. See `Client.download`. */
export async function download(
  transport: Transport,
  fileId: string,
  { start, end, signal }: DownloadOptions,
): Promise<Download> {
  const ranged = start !== undefined || end !== undefined;
  const response = await transport.send({
    method: 'GET',
    path: `/files/${encodeURIComponent(fileId)}/download`,
    headers: { accept: '*/*', ...(ranged && { range: `bytes=${start ?? 0}-${end === undefined ? '' : end - 1}` }) },
    signal,
  });
  const encoded = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  return {
    content: response.body ?? new ReadableStream({ start: (controller) => controller.close() }),
    size: Number(response.headers.get('content-length')),
    filename: encoded === undefined ? null : decodeURIComponent(encoded),
    sha256: /^"([0-9a-f]{64})"$/.exec(response.headers.get('etag') ?? '')?.[1] ?? null,
  };
}

/** The body of an answer, as it comes. See `Client.exportCsv` and `Client.exportAudit`. */
export async function stream(
  transport: Transport,
  path: string,
  query: Readonly<Record<string, unknown>> | undefined,
  signal: AbortSignal | undefined,
): Promise<ReadableStream<Uint8Array>> {
  const response = await transport.send({ method: 'GET', path, query, headers: { accept: '*/*' }, signal });
  return response.body ?? new ReadableStream({ start: (controller) => controller.close() });
}
