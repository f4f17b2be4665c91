import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { FileRow } from '../backends/db/schema.ts';
import { Problem } from '../core/problem.ts';
import { toPassword } from '../files/passwords.ts';
import { cleanName, type Receive, type Stored } from '../files/receive.ts';
import { parseOptions } from '../files/upload-options.ts';
import { flatten, fromQuery, goneOf, readable, refusePasswordInUrl, toUpload } from './upload.ts';

/** A file of a form that was not taken, and why. */
export interface Refused {
  readonly filename: string;
  readonly problem: Problem;
}

/** What became of the files of a form: each is in one of the two. */
export interface ReceivedMany {
  readonly taken: readonly FileRow[];
  readonly refused: readonly Refused[];
}

const FIELDS = ['files', 'files[]', 'file'];

/**
 * Reads a form of several files, each an upload of its own with the same options. One that is refused keeps no other
 * from being taken; a form that breaks off leaves nothing.
 * @throws Problem what `receiveUpload` throws of the form itself, and of the first file when none was taken.
 */
export async function receiveUploads(request: FastifyRequest, receive: Receive): Promise<ReceivedMany> {
  if (!request.isMultipart()) {
    throw new Problem('unsupported_media_type', 'Send the files as multipart/form-data, in the field "files".');
  }
  if (request.headers['idempotency-key'] !== undefined) {
    throw new Problem('invalid_request', 'An Idempotency-Key is for one file. Send each by POST /v1/files to use one.');
  }
  const stored: Stored[] = [];
  const refused: Refused[] = [];
  try {
    const given = await readForm(request, receive, stored, refused);
    const taken = await commitAll(request, receive, stored, given, refused);
    if (taken.length === 0 && refused[0]) throw refused[0].problem;
    return { taken, refused };
  } catch (error) {
    // Or the rest of the body would stand before the next request of the connection for ever.
    request.raw.unpipe().resume();
    await Promise.allSettled(stored.map(receive.discard));
    throw error;
  }
}

async function readForm(
  request: FastifyRequest,
  receive: Receive,
  stored: Stored[],
  refused: Refused[],
): Promise<Record<string, unknown[]>> {
  refusePasswordInUrl(request);
  const gone = goneOf(request);
  const given = fromQuery(request.query as Record<string, unknown>);
  for await (const part of readable(request.parts(), gone)) {
    if (part.type === 'field') {
      if (part.valueTruncated)
        throw new Problem('invalid_request', `The field ${part.fieldname} has more than 64 KiB. Send less in it.`);
      given[part.fieldname] = [...(given[part.fieldname] ?? []), part.value];
      continue;
    }
    if (!FIELDS.includes(part.fieldname))
      throw new Problem('invalid_request', `Send the files in the field "files", not in "${part.fieldname}".`);
    await orRefused(part.filename, refused, async () => void stored.push(await store(request, receive, part, gone)));
    // What was not read of a refused file stands before the next one.
    part.file.resume();
  }
  if (stored.length + refused.length === 0)
    throw new Problem('invalid_request', 'The form has no file. Send one or more in the field "files".');
  return given;
}

function store({ actor }: FastifyRequest, receive: Receive, part: MultipartFile, gone: AbortSignal): Promise<Stored> {
  // A refused file must not end the stream that the other files come in.
  const content = readable(part.file.iterator({ destroyOnReturn: false }), gone);
  return receive.store(actor, { ...toUpload(part, gone), content });
}

async function commitAll(
  { actor }: FastifyRequest,
  receive: Receive,
  stored: Stored[],
  given: Record<string, unknown[]>,
  refused: Refused[],
): Promise<FileRow[]> {
  const { password: givenPassword, ...others } = flatten(given);
  const options = parseOptions(others);
  const password = toPassword(givenPassword);
  const taken: FileRow[] = [];
  for (let one = stored[0]; one; one = stored[0]) {
    const { filename } = one.row;
    const isTaken = await orRefused(filename, refused, async () => {
      taken.push(await receive.commit(actor, one, options, { password }));
    });
    if (!isTaken) await receive.discard(one);
    stored.shift();
  }
  return taken;
}

/** Runs `work`; what it refuses is noted and `false` told. What is wrong with the form or with us goes on. */
async function orRefused(filename: string, refused: Refused[], work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500 || error.code === 'invalid_request') throw error;
    refused.push({ filename: cleanName(filename), problem: error });
    return false;
  }
}
