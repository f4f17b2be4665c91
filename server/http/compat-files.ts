import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { DatasetRow, FileRow } from '../backends/db/schema.ts';
import type { EventBus } from '../backends/events/events.ts';
import { Problem, type ProblemCode, problemTable } from '../core/problem.ts';
import type { Page } from '../datasets/query.ts';
import type { DatasetReads } from '../datasets/read.ts';
import type { Files } from '../files/files.ts';
import type { Receive } from '../files/receive.ts';
import type { AccessWatch } from './access-watch.ts';
import type { App } from './app-type.ts';
import { csvQuery, sendCsv } from './datasets.ts';
import { sendOriginal } from './download.ts';
import { toFile } from './resources.ts';
import { errors, FilePending } from './schemas.ts';
import { receiveUpload } from './upload.ts';
import { receiveUploads } from './upload-many.ts';
import { untilOver } from './wait.ts';

interface Needs {
  files: Files;
  receive: Receive;
  reads: DatasetReads;
  events: EventBus;
  accesses: AccessWatch;
}

const form = ['multipart/form-data'];
const transfer = { transfer: true };
const sent = { file_id: Type.String(), filename: Type.String(), size: Type.Integer({ description: 'Bytes.' }) };
const WAIT_SECONDS = 60;
const PAGE_ROWS = 1000;

/** Sending and fetching files under short names, for programs that were written for them. */
export function compatFileRoutes(app: App, { files, receive, reads, events, accesses }: Needs): void {
  app.post(
    '/upload',
    {
      config: transfer,
      schema: {
        operationId: 'upload',
        tags: ['files'],
        summary: 'Send a file, as POST /files, and be told its name and size',
        consumes: form,
        response: { 200: Type.Object(sent), ...errors },
      },
    },
    async (request, reply) => toSent(await receiveOne(request, reply)),
  );

  app.post(
    '/upload/save',
    {
      config: transfer,
      schema: {
        operationId: 'uploadAndSave',
        tags: ['files'],
        summary: 'Send a file, as POST /files, and be told where to fetch it',
        consumes: form,
        response: {
          200: Type.Object({ saved_to: Type.String({ description: 'A path of this API.' }), ...sent }),
          ...errors,
        },
      },
    },
    async (request, reply) => {
      const file = await receiveOne(request, reply);
      return { saved_to: `/v1/files/${file.id}/download`, ...toSent(file) };
    },
  );

  app.post(
    '/upload/multiple',
    {
      config: transfer,
      schema: {
        operationId: 'uploadMultiple',
        tags: ['files'],
        summary: 'Send several files, each in a field `files` of one form',
        description: 'Each is taken or refused for itself. When none is taken, the answer is the first one’s error.',
        consumes: form,
        response: {
          200: Type.Object({
            file_count: Type.Integer({ description: 'How many were taken.' }),
            files: Type.Array(Type.Object(sent)),
            refused: Type.Array(Type.Object({ filename: Type.String(), code: Type.String(), detail: Type.String() })),
          }),
          ...errors,
        },
      },
    },
    async (request) => {
      const { taken, refused } = await receiveUploads(request, receive);
      return {
        file_count: taken.length,
        files: taken.map(toSent),
        refused: refused.map(({ filename, problem: { code, detail } }) => ({ filename, code, detail })),
      };
    },
  );

  app.post(
    '/upload/csv',
    {
      config: transfer,
      schema: {
        operationId: 'uploadCsv',
        tags: ['files'],
        summary: 'Send a CSV file and get its rows as lists of texts',
        description:
          'The header is the first row, values of sealed columns are Fernet tokens, and an absent cell is an empty text. 202 when parsing takes longer than a minute; GET /files/{file_id} tells the rows then.',
        consumes: form,
        response: { 202: FilePending, ...errors },
      },
    },
    async (request, reply) => {
      const file = await receiveOne(request, reply, csvAlone(receive));
      await untilOver(request, files, events, file.id, WAIT_SECONDS * 1000);
      return sendRows(request, reply, await files.get(request.actor, file.id));
    },
  );

  app.get(
    '/download/:filename',
    {
      config: transfer,
      schema: {
        operationId: 'downloadByName',
        tags: ['files'],
        summary: 'The original bytes of the caller’s newest file of a name',
        description: 'As GET /files/{file_id}/download: takes a `Range`; sealed columns need the right to reveal.',
        params: Type.Object({ filename: Type.String() }),
      },
    },
    async (request, reply) => {
      const { id } = await files.named(request.actor, request.params.filename);
      return sendOriginal(request, reply, await files.download(request.actor, id), accesses);
    },
  );

  app.get(
    '/export/csv',
    {
      config: transfer,
      schema: {
        operationId: 'exportNewestCsv',
        tags: ['datasets'],
        summary: 'All rows of a dataset as CSV; of the caller’s newest file that is ready, if none is named',
        querystring: Type.Object({
          dataset_id: Type.Optional(Type.String({ maxLength: 64 })),
          file_id: Type.Optional(Type.String({ maxLength: 64, description: 'Its first dataset is taken.' })),
          ...csvQuery,
        }),
        produces: ['text/csv'],
      },
    },
    async (request, reply) => {
      const { dataset_id: datasetId, file_id: fileId, ...query } = request.query;
      const dataset = datasetId ?? (await firstDataset(request, fileId)).id;
      return sendCsv(reply, reads, request.actor, dataset, query, accesses);
    },
  );

  async function receiveOne(request: FastifyRequest, reply: FastifyReply, by = receive): Promise<FileRow> {
    const { file, replayed } = await receiveUpload(request, by);
    reply.header('location', `/v1/files/${file.id}`);
    if (replayed) reply.header('idempotency-replayed', 'true');
    return file;
  }

  async function firstDataset({ actor }: FastifyRequest, fileId: string | undefined): Promise<DatasetRow> {
    const newest = { status: 'ready', limit: 1, offset: 0 };
    const file = fileId ? await files.get(actor, fileId) : (await files.list(actor, newest)).items[0];
    const dataset = file && (await files.datasetsOf(file))[0];
    if (dataset) return dataset;
    throw new Problem('dataset_not_found', `${fileId ? 'The file is not' : 'You have no file that is'} ready.`);
  }

  async function sendRows(request: FastifyRequest, reply: FastifyReply, file: FileRow): Promise<FastifyReply> {
    if (file.status === 'failed') throw whyFailed(file);
    if (file.status !== 'ready') {
      const message = `The file is still being parsed (${file.progress} %). Ask GET /v1/files/${file.id} for its rows.`;
      return reply.code(202).send({ ...toFile(file, request.actor), message });
    }
    const dataset = (await files.datasetsOf(file))[0]!;
    const page = (offset: number) =>
      reads.page(request.actor, dataset.id, { offset, limit: PAGE_ROWS, level: 'token', raw: true });
    const json = toJson(file, dataset, await page(0), page);
    const stream = accesses.guard(Readable.from(json, { objectMode: false }), request.actor, file.id, 'read');
    return reply.type('application/json; charset=utf-8').send(stream);
  }
}

const toSent = ({ id, filename, size }: FileRow) => ({ file_id: id, filename, size });

/** Refuses what is no CSV before it is stored. */
const csvAlone = (receive: Receive): Receive => ({
  ...receive,
  async store(actor, upload) {
    if (/\.(csv|tsv|tab|txt)$/i.test(upload.filename)) return receive.store(actor, upload);
    throw new Problem(
      'unsupported_format',
      'This takes .csv, .tsv, .tab and .txt files. Send others by POST /v1/files.',
    );
  },
});

function whyFailed({ id, error_code: code, error_detail: detail }: FileRow): Problem {
  const known = code !== null && Object.hasOwn(problemTable, code) ? (code as ProblemCode) : 'internal';
  return new Problem(known, detail ?? 'The file could not be parsed.', { extra: { file_id: id } });
}

/** The answer a page at a time, so that memory does not grow with the file. */
async function* toJson(
  file: FileRow,
  dataset: DatasetRow,
  first: Page,
  next: (offset: number) => Promise<Page>,
): AsyncGenerator<string, void> {
  const { header } = JSON.parse(dataset.dialect) as { header?: unknown };
  const about = { file_id: file.id, dataset_id: dataset.id, reject_count: dataset.reject_count };
  let text = `${JSON.stringify(about).slice(0, -1)},"rows":[`;
  if (header === true) text += JSON.stringify(first.columns) + (first.total > 0 ? ',' : '');
  for (let page = first, done = 0; ; page = await next(done)) {
    done += page.rows.length;
    const rows = page.rows.map(({ cells }) => JSON.stringify(cells.map((cell) => String(cell ?? ''))));
    const isLast = done >= page.total || page.rows.length === 0;
    yield text + rows.join(',') + (isLast ? ']}' : ',');
    if (isLast) return;
    text = '';
  }
}
