import type { MultipartFile } from '@fastify/multipart';
import type { FastifyError, FastifyRequest } from 'fastify';
import type { FileRow } from '../backends/db/schema.ts';
import { abortable } from '../core/abortable.ts';
import { Problem } from '../core/problem.ts';
import { toPassword } from '../files/passwords.ts';
import type { Earlier, Receive, Stored, Upload } from '../files/receive.ts';
import { OPTION_NAMES, parseOptions, type UploadOptions } from '../files/upload-options.ts';

/** The file of an upload request, and whether an earlier request with the same `Idempotency-Key` had sent it. */
export interface Received {
  readonly file: FileRow;
  readonly replayed: boolean;
}

/**
 * Reads the form of an upload: one file, and options before or after it.
 * @throws Problem `invalid_request`, `file_too_large`, `unsupported_format` and what else `receive` refuses; nothing
 * is left of the upload then.
 */
export async function receiveUpload(request: FastifyRequest, receive: Receive): Promise<Received> {
  if (!request.isMultipart()) {
    throw new Problem('unsupported_media_type', 'Send the file as multipart/form-data, in the field "file".');
  }
  const { actor } = request;
  const key = idempotencyKey(request);
  const earlier = key === undefined ? null : await receive.reserve(actor, key);
  try {
    return await readForm(request, receive, key, earlier);
  } catch (error) {
    // Or the rest of the body would stand before the next request of the connection for ever.
    request.raw.unpipe().resume();
    // What cannot be given back, because the disk is full, is known by who uses it next.
    if (key !== undefined && !earlier) await receive.unreserve(actor, key).catch(() => {});
    throw error;
  }
}

async function readForm(
  request: FastifyRequest,
  receive: Receive,
  key: string | undefined,
  earlier: Earlier | null,
): Promise<Received> {
  const { actor } = request;
  refusePasswordInUrl(request);
  const gone = goneOf(request);
  const given: Record<string, unknown[]> = fromQuery(request.query as Record<string, unknown>);
  let stored: Stored | undefined;
  let replayed: FileRow | undefined;
  let asGiven: string | undefined;
  try {
    for await (const part of readable(request.parts(), gone)) {
      if (part.type === 'field') {
        if (part.valueTruncated)
          throw new Problem('invalid_request', `The field ${part.fieldname} has more than 64 KiB. Send less in it.`);
        given[part.fieldname] = [...(given[part.fieldname] ?? []), part.value];
        continue;
      }
      if (part.fieldname !== 'file' || stored || replayed)
        throw new Problem('invalid_request', 'Send exactly one file, in the field "file".');
      asGiven = parseOptions({ as: flatten(given).as }).as;
      const upload = { ...toUpload(part, gone), as: asGiven };
      if (earlier) replayed = await receive.replay(actor, earlier, upload);
      else stored = await receive.store(actor, upload);
    }
    if (!stored && !replayed)
      throw new Problem('invalid_request', 'The form has no file. Send it in the field "file".');
    const { password: givenPassword, ...others } = flatten(given);
    const options = parseOptions(others);
    if (options.as !== asGiven)
      throw new Problem('invalid_request', 'Send as before the file, or as a query parameter: it says how to take it.');
    const password = toPassword(givenPassword);
    if (replayed) return { file: sameOptions(replayed, options), replayed: true };
    return { file: await receive.commit(actor, stored!, options, { key, password }), replayed: false };
  } catch (error) {
    // What cannot be removed now is at the next start; why the upload failed is what its sender must know.
    if (stored) await receive.discard(stored).catch(() => {});
    throw error;
  }
}

/** Unlike a form's field, a URL is logged on its way and kept in histories. */
export function refusePasswordInUrl({ query }: FastifyRequest): void {
  if (Object.hasOwn(query as object, 'password'))
    throw new Problem('invalid_request', 'Send password as a field of the form, not in the URL, which others log.');
}

/** Whoever asks for other columns to be sealed must not be answered as if they were. */
function sameOptions(file: FileRow, options: UploadOptions): FileRow {
  if (file.options === JSON.stringify(options)) return file;
  throw new Problem(
    'idempotency_mismatch',
    'This Idempotency-Key was used for this file with other options. Send a new key with each new upload.',
  );
}

function idempotencyKey({ headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new Problem('invalid_request', 'The Idempotency-Key must have 1 to 255 visible ASCII characters.');
  }
  return key;
}

/** A part of a form as an upload; `file` is where its bytes come from. */
export const toUpload = ({ filename, mimetype, file }: MultipartFile, gone: AbortSignal): Upload => ({
  filename: filename ?? '',
  mediaType: mimetype,
  content: readable(file, gone),
});

/** Aborted as soon as the sender is gone, also when that was before anyone listened. */
export function goneOf({ raw }: FastifyRequest): AbortSignal {
  const gone = new AbortController();
  const tell = () => {
    if (!raw.complete) gone.abort(new Problem('invalid_request', 'The upload was broken off. Send it again.'));
  };
  if (raw.destroyed) tell();
  raw.once('close', tell);
  return gone.signal;
}

/**
 * What is wrong with the form's own bytes is the sender's to mend; the parser throws it without a status, and says
 * nothing at all when the sender is gone.
 */
export async function* readable<T>(from: AsyncIterable<T>, gone: AbortSignal): AsyncGenerator<T> {
  try {
    yield* abortable(from, gone);
  } catch (error) {
    if (error instanceof Problem || (error as FastifyError).statusCode !== undefined) throw error;
    const detail = 'The form is not valid multipart/form-data, or ended early. Send it again.';
    throw new Problem('invalid_request', detail, { cause: error });
  }
}

/** The upload's options as query parameters, each as a list of how often it is given. */
export const fromQuery = (query: Record<string, unknown>): Record<string, unknown[]> =>
  Object.fromEntries(
    OPTION_NAMES.filter((name) => query[name] !== undefined).map((name) => [name, [query[name]].flat()]),
  );

/** An option that is given twice stays a list, which its check refuses. */
export function flatten(given: Record<string, unknown[]>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  );
}
