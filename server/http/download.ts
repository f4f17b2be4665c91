import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../core/problem.ts';
import type { Original } from '../files/files.ts';
import type { AccessWatch } from './access-watch.ts';

/**
 * Sends original bytes, whole or a single range (RFC 9110, 14), always as a download, for as long as the actor may have
 * them. @throws Problem `range_not_satisfiable`, `rate_limited`.
 */
export function sendOriginal(
  request: FastifyRequest,
  reply: FastifyReply,
  { file, source, needed }: Original,
  accesses: AccessWatch,
): FastifyReply {
  accesses.refuseMore(request.actor);
  const etag = `"${file.sha256}"`;
  const { size } = source;
  const { headers, method } = request;
  if (headers['if-match'] !== undefined && !names(headers['if-match'], etag))
    throw new Problem('precondition_failed', 'The original is another one than If-Match names. Fetch it without.');
  if (headers['if-none-match'] !== undefined && names(headers['if-none-match'].replaceAll('W/', ''), etag))
    return reply.code(304).header('etag', etag).header('cache-control', 'private, no-store').send();
  const conditional = headers['if-range'];
  // RFC 9110, 14.2: of GET alone.
  const mayBePart = method === 'GET' && (conditional === undefined || conditional === etag);
  const range = parseRange(mayBePart ? headers.range : undefined, size);
  if (range && range.start >= range.end) {
    reply.header('content-range', `bytes */${size}`);
    throw new Problem('range_not_satisfiable', `The file has ${size} bytes. Ask for a range within them.`);
  }
  const { start, end } = range ?? { start: 0, end: size };
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${size}`);
  reply
    .header('accept-ranges', 'bytes')
    .header('etag', etag)
    .header('cache-control', 'private, no-store')
    .header('content-disposition', attachment(file.filename))
    .header('content-length', end - start)
    .type('application/octet-stream');
  const bytes = method === 'HEAD' ? [] : source.stream(start, end);
  return reply.send(accesses.guard(Readable.from(bytes, { objectMode: false }), request.actor, file.id, needed));
}

/** Whether a list of entity tags holds this one, or `*` for any (RFC 9110, 13.1). */
const names = (list: string, etag: string): boolean =>
  list.split(',').some((tag) => tag.trim() === etag || tag.trim() === '*');

/**
 * The one range of a `Range` header as `[start, end)`, empty where the file has nothing of it; `null` when the whole is
 * to be sent (none, several, or a form that is not understood, which RFC 9110 lets a server ignore).
 */
function parseRange(header: string | undefined, size: number): { start: number; end: number } | null {
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const [, first = '', last = ''] = match;
  if (first !== '' && last !== '' && Number(last) < Number(first)) return null;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  return { start, end };
}

/** A `Content-Disposition` that saves a file under this name (RFC 6266): an ASCII name for old clients and the real one in RFC 8187's encoding. */
export function attachment(filename: string): string {
  const ascii = filename.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(filename).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
