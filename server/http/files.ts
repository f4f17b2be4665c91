import type { FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { FileRow } from '../backends/db/schema.ts';
import type { EventBus } from '../backends/events/events.ts';
import { Problem } from '../core/problem.ts';
import type { DatasetReads } from '../datasets/read.ts';
import type { Files, Owner } from '../files/files.ts';
import { toPassword } from '../files/passwords.ts';
import type { Receive } from '../files/receive.ts';
import type { AccessWatch } from './access-watch.ts';
import type { App } from './app-type.ts';
import { sendOriginal } from './download.ts';
import { toDataset, toFile, toProgress, toRows } from './resources.ts';
import * as schemas from './schemas.ts';
import { receiveUpload } from './upload.ts';
import { preferredWait, untilOver } from './wait.ts';

interface Needs {
  files: Files;
  receive: Receive;
  reads: DatasetReads;
  events: EventBus;
  accesses: AccessWatch;
}

const params = Type.Object({ file_id: Type.String() });
const owner = Type.Union([Type.Literal('me'), Type.Literal('all')], {
  default: 'me',
  description: 'all: of everybody, for administrators, and for members where files are shared.',
});
const listing = {
  ...schemas.paging(10),
  owner,
  file_type: Type.Optional(Type.String({ maxLength: 10 })),
  status: Type.Optional(Type.String({ maxLength: 20 })),
};
const content = {
  ...schemas.paging(100),
  dataset: Type.Optional(
    Type.String({
      maxLength: 64,
      description: 'Identifier of a dataset of the file, or its position from 1. Default: the first.',
    }),
  ),
  level: schemas.Level,
  reason: Type.Optional(
    Type.String({ maxLength: 500, description: 'Why plain values are needed; goes into the audit log.' }),
  ),
  raw: Type.Boolean({ default: false, description: 'Cells as they stood in the file instead of typed values.' }),
};
const contentQuery = Type.Object(content);
type ContentQuery = Type.Static<typeof contentQuery>;

/** Uploading, listing, reading, downloading and removing files. */
export function fileRoutes(app: App, { files, receive, reads, events, accesses }: Needs): void {
  app.post(
    '/files',
    {
      config: { transfer: true },
      schema: {
        operationId: 'uploadFile',
        tags: ['files'],
        summary: 'Send a file',
        description:
          'A multipart form with the field `file`. Options, as fields or query parameters: `seal` and `plain` (column names), `delimiter`, `quote`, `escape`, `comment`, `skip_lines`, `encoding`, `header` (present, absent), `header_rows`, `ragged` (reject, pad, extra), `as` (csv, xlsx … or auto; before the file), `rows` (XML); as a field alone: `password`. With `Prefer: wait=SECONDS` the answer holds the parsed rows when they are ready in time. With an `Idempotency-Key` a repeated request gives the first one’s file.',
        consumes: ['multipart/form-data'],
        headers: Type.Object({
          prefer: Type.Optional(Type.String({ description: 'wait=SECONDS, at most 60 (RFC 7240).' })),
          'idempotency-key': Type.Optional(Type.String({ maxLength: 255 })),
        }),
        response: { 200: schemas.FileContent, 202: schemas.FilePending, ...schemas.errors },
      },
    },
    async (request, reply) => {
      const { file, replayed } = await receiveUpload(request, receive);
      reply.header('location', `/v1/files/${file.id}`);
      if (replayed) reply.header('idempotency-replayed', 'true');
      const seconds = preferredWait(request.headers.prefer);
      if (seconds !== null) {
        reply.header('preference-applied', `wait=${seconds}`);
        await untilOver(request, files, events, file.id, seconds * 1000);
      }
      const now = seconds === null && !replayed ? file : await files.get(request.actor, file.id);
      return sendFirstRows(request, reply, now);
    },
  );

  app.get(
    '/files',
    {
      schema: {
        operationId: 'listFiles',
        tags: ['files'],
        summary: 'The caller’s files, newest first',
        querystring: Type.Object(listing),
        response: { 200: schemas.FileList, ...schemas.errors },
      },
    },
    (request) => list(request, request.query),
  );

  app.get(
    '/files/search',
    {
      schema: {
        operationId: 'searchFiles',
        tags: ['files'],
        summary: 'The caller’s files whose name holds a text',
        querystring: Type.Object({ q: Type.String({ minLength: 1, maxLength: 200 }), ...listing }),
        response: { 200: schemas.FileList, ...schemas.errors },
      },
    },
    (request) => list(request, request.query, request.query.q),
  );

  app.get(
    '/files/stats',
    {
      schema: {
        operationId: 'getStats',
        tags: ['files'],
        summary: 'Counts over the caller’s files',
        querystring: Type.Object({ owner }),
        response: { 200: schemas.Stats, ...schemas.errors },
      },
    },
    async (request) => toStats(await files.stats(request.actor, request.query.owner)),
  );

  app.get(
    '/files/:file_id/progress',
    {
      schema: {
        operationId: 'getProgress',
        tags: ['files'],
        summary: 'How far a file is',
        params,
        response: { 200: schemas.Progress, ...schemas.errors },
      },
    },
    async (request) => toProgress(await files.get(request.actor, request.params.file_id)),
  );

  app.get(
    '/files/:file_id',
    {
      schema: {
        operationId: 'getFile',
        tags: ['files'],
        summary: 'A file and a page of its rows',
        description: '202 and a message while it is still being parsed.',
        params,
        querystring: contentQuery,
        response: { 200: schemas.FileContent, 202: schemas.FilePending, ...schemas.errors },
      },
    },
    async (request, reply) =>
      sendContent(request, reply, await files.get(request.actor, request.params.file_id), request.query),
  );

  app.get(
    '/files/:file_id/download',
    {
      config: { transfer: true },
      schema: {
        operationId: 'downloadFile',
        tags: ['files'],
        summary: 'The original bytes',
        description: 'Takes a `Range`. When a column of the file is sealed, only for those who may reveal.',
        params,
      },
    },
    async (request, reply) =>
      sendOriginal(request, reply, await files.download(request.actor, request.params.file_id), accesses),
  );

  app.post(
    '/files/:file_id/cancel',
    {
      schema: {
        operationId: 'cancelFile',
        tags: ['files'],
        summary: 'Stop parsing a file',
        params,
        response: { 200: schemas.File, ...schemas.errors },
      },
    },
    async (request) => toFile(await files.cancel(request.actor, request.params.file_id), request.actor),
  );

  app.post(
    '/files/:file_id/parse',
    {
      schema: {
        operationId: 'parseFile',
        tags: ['files'],
        summary: 'Parse a file that has failed once more',
        description: 'With the options it was uploaded with, and with the password that it needs, which is not stored.',
        params,
        body: Type.Union([Type.Object({ password: Type.Optional(Type.String()) }), Type.Null()]),
        response: { 202: schemas.File, ...schemas.errors },
      },
    },
    async (request, reply) => {
      const password = toPassword(request.body?.password);
      return reply
        .code(202)
        .send(toFile(await files.parseAgain(request.actor, request.params.file_id, password), request.actor));
    },
  );

  app.delete(
    '/files/:file_id',
    {
      schema: {
        operationId: 'deleteFile',
        tags: ['files'],
        summary: 'Remove a file, its rows and its keys',
        params,
        response: { 204: Type.Null(), ...schemas.errors },
      },
    },
    async (request, reply) => {
      await files.remove(request.actor, request.params.file_id);
      return reply.code(204).send(null);
    },
  );

  async function list(
    request: FastifyRequest,
    query: { limit: number; offset: number; owner: Owner; file_type?: string; status?: string },
    search?: string,
  ) {
    const { limit, offset, file_type: fileType, status } = query;
    const filter = {
      limit,
      offset,
      ...(fileType && { fileType }),
      ...(status && { status }),
      ...(search && { search }),
    };
    const { items, total } = await files.list(request.actor, filter, query.owner);
    return { items: items.map((file) => toFile(file, request.actor)), total, limit, offset };
  }

  /** The rows of a file that was just sent; fewer where so many are too large for a page: it was taken, whatever is in it. */
  async function sendFirstRows(request: FastifyRequest, reply: FastifyReply, file: FileRow, limit = 1000) {
    try {
      return await sendContent(request, reply, file, { ...defaults(), limit });
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'page_too_large' || limit === 1) throw error;
      return sendFirstRows(request, reply, file, limit / 10);
    }
  }

  async function sendContent(request: FastifyRequest, reply: FastifyReply, file: FileRow, query: ContentQuery) {
    const told = toFile(file, request.actor);
    if (file.status !== 'ready' && file.status !== 'failed') {
      const message = `The file is still being parsed (${file.progress} %). Ask again, or follow /v1/files/${file.id}/events.`;
      return reply
        .code(202)
        .header('retry-after', '1')
        .send({ ...told, message });
    }
    const { limit, offset, level, reason, raw } = query;
    const datasets = (await files.datasetsOf(file)).map(toDataset);
    const chosen = choose(datasets, query.dataset);
    const page = chosen
      ? await reads.page(request.actor, chosen.dataset_id, { limit, offset, level, raw, ...(reason && { reason }) })
      : { columns: [], rows: [], total: 0 };
    return reply
      .code(200)
      .send({ ...told, datasets, dataset_id: chosen?.dataset_id ?? null, ...toRows(page, limit, offset) });
  }
}

const defaults = (): ContentQuery => ({ limit: 100, offset: 0, level: 'token', raw: false });

function choose<D extends { dataset_id: string; position: number }>(
  datasets: readonly D[],
  wanted: string | undefined,
): D | undefined {
  if (wanted === undefined) return datasets[0];
  const found = datasets.find(({ dataset_id, position }) => dataset_id === wanted || String(position) === wanted);
  if (!found)
    throw new Problem(
      'dataset_not_found',
      `The file has ${datasets.length} dataset(s), and none with this identifier or position.`,
    );
  return found;
}

function toStats({ groups, sums, times }: Awaited<ReturnType<Files['stats']>>) {
  const countBy = (key: 'file_type' | 'status') => {
    const counts: Record<string, number> = {};
    for (const group of groups) counts[group[key]] = (counts[group[key]] ?? 0) + Number(group.count);
    return counts;
  };
  const number = (value: unknown) => (value === null ? null : Number(value));
  return {
    total_files: groups.reduce((sum, { count }) => sum + Number(count), 0),
    by_type: countBy('file_type'),
    by_status: countBy('status'),
    total_bytes: Number(sums.bytes ?? 0),
    total_rows: Number(sums.rows ?? 0),
    processing_ms: { average: number(times.average), min: number(times.least), max: number(times.most) },
  };
}
