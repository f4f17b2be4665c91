import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import type { Actor } from '../core/actor.ts';
import type { DatasetReads } from '../datasets/read.ts';
import type { AccessWatch } from './access-watch.ts';
import type { App } from './app-type.ts';
import { attachment } from './download.ts';
import { toDataset, toRows } from './resources.ts';
import * as schemas from './schemas.ts';

const params = Type.Object({ dataset_id: Type.String() });
const reason = Type.Optional(
  Type.String({ maxLength: 500, description: 'Why plain values are needed; goes into the audit log.' }),
);
const columnNames = Type.Array(Type.String({ maxLength: 200 }), { maxItems: 1500 });

const operators = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'contains', 'starts_with', 'is_empty', 'not_empty'] as const;
const condition = Type.Object({
  column: Type.String({ maxLength: 200 }),
  op: Type.Union(
    operators.map((op) => Type.Literal(op)),
    { description: 'A sealed column knows eq, is_empty and not_empty.' },
  ),
  value: Type.Optional(Type.Union([Type.String({ maxLength: 10_000 }), Type.Number(), Type.Boolean()])),
});

/** The query parameters of an export as CSV. */
export const csvQuery = {
  columns: Type.Optional(columnNames),
  level: schemas.Level,
  reason,
  raw: Type.Boolean({ default: false, description: 'Cells as they stood in the file instead of typed values.' }),
  formulas: Type.Union([Type.Literal('escape'), Type.Literal('keep')], { default: 'escape' }),
};

/** Sends all rows of a dataset as CSV, as they are read, for as long as the actor may have them. @throws Problem as `reads.exportCsv`, before anything is sent. */
export async function sendCsv(
  reply: FastifyReply,
  reads: DatasetReads,
  actor: Actor,
  datasetId: string,
  query: Parameters<DatasetReads['exportCsv']>[2],
  accesses: AccessWatch,
): Promise<FastifyReply> {
  accesses.refuseMore(actor);
  const { name, file_id: fileId } = await reads.get(actor, datasetId);
  const lines = await reads.exportCsv(actor, datasetId, query);
  reply.header('content-disposition', attachment(`${name.replace(/\.csv$/i, '')}.csv`)).type('text/csv; charset=utf-8');
  const needed = query.level === 'plain' ? 'reveal' : 'read';
  return reply.send(accesses.guard(Readable.from(lines, { objectMode: false }), actor, fileId, needed));
}

/** Reading the tables that were parsed out of files. */
export function datasetRoutes(app: App, { reads, accesses }: { reads: DatasetReads; accesses: AccessWatch }): void {
  app.get(
    '/datasets/:dataset_id',
    {
      schema: {
        operationId: 'getDataset',
        tags: ['datasets'],
        summary: 'A dataset and its columns',
        params,
        response: { 200: schemas.Dataset, ...schemas.errors },
      },
    },
    async (request) => toDataset(await reads.get(request.actor, request.params.dataset_id)),
  );

  app.get(
    '/datasets/:dataset_id/rows',
    {
      schema: {
        operationId: 'getRows',
        tags: ['datasets'],
        summary: 'A page of rows, by row number',
        params,
        querystring: Type.Object({
          ...schemas.paging(100),
          columns: Type.Optional(columnNames),
          level: schemas.Level,
          reason,
          raw: Type.Boolean({
            default: false,
            description: 'Cells as they stood in the file instead of typed values.',
          }),
        }),
        response: { 200: schemas.RowPage, ...schemas.errors },
      },
    },
    async (request) => {
      const { dataset_id } = request.params;
      const { limit, offset } = request.query;
      return { dataset_id, ...toRows(await reads.page(request.actor, dataset_id, request.query), limit, offset) };
    },
  );

  app.post(
    '/datasets/:dataset_id/query',
    {
      schema: {
        operationId: 'queryRows',
        tags: ['datasets'],
        summary: 'Rows that meet conditions, sorted',
        description:
          'A value looked for is in the body, never in the URL. A sealed column is searched through its blind index.',
        params,
        body: Type.Object({
          where: Type.Array(condition, { maxItems: 20, default: [] }),
          sort: Type.Array(
            Type.Object({ column: Type.String({ maxLength: 200 }), descending: Type.Boolean({ default: false }) }),
            { maxItems: 5, default: [] },
          ),
          columns: Type.Optional(columnNames),
          ...schemas.paging(100),
          level: schemas.Level,
          reason,
        }),
        response: { 200: schemas.RowPage, ...schemas.errors },
      },
    },
    async (request) => {
      const { dataset_id } = request.params;
      const { limit, offset } = request.body;
      return {
        dataset_id,
        ...toRows(await reads.query(request.actor, dataset_id, { raw: false, ...request.body }), limit, offset),
      };
    },
  );

  app.get(
    '/datasets/:dataset_id/export',
    {
      config: { transfer: true },
      schema: {
        operationId: 'exportCsv',
        tags: ['datasets'],
        summary: 'All rows as CSV',
        description: 'Text that a spreadsheet would run as a formula gets a quote before it, unless `formulas=keep`.',
        params,
        querystring: Type.Object(csvQuery),
        produces: ['text/csv'],
      },
    },
    (request, reply) => sendCsv(reply, reads, request.actor, request.params.dataset_id, request.query, accesses),
  );

  app.get(
    '/datasets/:dataset_id/rejects',
    {
      schema: {
        operationId: 'getRejects',
        tags: ['datasets'],
        summary: 'The rows and cells that could not be taken, and why',
        params,
        querystring: Type.Object({ ...schemas.paging(100), level: schemas.Level, reason }),
        response: { 200: schemas.RejectList, ...schemas.errors },
      },
    },
    async (request) => {
      const { limit, offset } = request.query;
      const { items, total } = await reads.rejects(request.actor, request.params.dataset_id, request.query);
      const told = items.map(({ row, column, code, detail, raw }) => ({
        row,
        column: column === null || column === undefined ? null : column + 1,
        code,
        detail,
        ...(raw !== undefined && { raw }),
      }));
      return { items: told, total, limit, offset };
    },
  );
}
