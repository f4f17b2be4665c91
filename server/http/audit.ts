import { Readable } from 'node:stream';
import Type from 'typebox';
import type { Workspaces } from '../accounts/workspaces.ts';
import type { Audit } from '../audit/audit.ts';
import type { SeenBy } from '../datasets/seen.ts';
import type { AccessWatch } from './access-watch.ts';
import type { App } from './app-type.ts';
import * as schemas from './schemas.ts';

interface Needs {
  audit: Audit;
  seenBy: SeenBy;
  workspaces: Workspaces;
  accesses: AccessWatch;
}

const text = (maxLength: number, description: string) => Type.Optional(Type.String({ maxLength, description }));
const time = (description: string) => Type.Optional(Type.String({ format: 'date-time', description }));
const TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' } as const;

/** The audit log, and the export of the workspace's keys, which is written there. */
export function auditRoutes(app: App, { audit, seenBy, workspaces, accesses }: Needs): void {
  app.get(
    '/audit',
    {
      schema: {
        operationId: 'listAudit',
        tags: ['audit'],
        summary: 'Who did what, newest first, for administrators',
        querystring: Type.Object({
          ...schemas.paging(100),
          action: text(50, 'Such as dataset.reveal; ending in a dot (dataset.), all that begin so.'),
          target: text(200, 'Such as dataset:IDENTIFIER.'),
          actor_id: text(64, 'Of a user or a client.'),
          address: text(100, 'Where it came from.'),
          from: time('Not before this time.'),
          to: time('Before this time.'),
          before: Type.Optional(
            schemas.wholeNumber(1, {
              description: 'Only entries with a smaller id: the last one of the page before.',
            }),
          ),
        }),
        response: { 200: schemas.AuditList, ...schemas.errors },
      },
    },
    async (request) => {
      const { limit, offset } = request.query;
      return { ...(await audit.list(request.actor, request.query)), limit, offset };
    },
  );

  app.get(
    '/audit/export',
    {
      config: { transfer: true },
      schema: {
        operationId: 'exportAudit',
        tags: ['audit'],
        summary: 'All entries, oldest first, as JSON lines or CSV',
        description:
          'JSON lines have all it takes to verify the chain without the service. The export is an entry itself.',
        querystring: Type.Object({
          format: Type.Union([Type.Literal('ndjson'), Type.Literal('csv')], { default: 'ndjson' }),
          after: schemas.wholeNumber(0, { default: 0, description: 'Only entries with a greater id.' }),
        }),
        produces: ['application/x-ndjson', 'text/csv'],
      },
    },
    async (request, reply) => {
      const { format, after } = request.query;
      accesses.refuseMore(request.actor);
      const lines = await audit.export(request.actor, after, format);
      reply.header('content-disposition', `attachment; filename="audit.${format}"`).header('cache-control', 'no-store');
      const stream = Readable.from(lines, { objectMode: false });
      return reply.type(TYPES[format]).send(accesses.guardInWorkspace(stream, request.actor, 'read_audit'));
    },
  );

  app.get(
    '/audit/verify',
    {
      schema: {
        operationId: 'verifyAudit',
        tags: ['audit'],
        summary: 'Whether the chain of entries holds',
        response: { 200: schemas.AuditVerdict, ...schemas.errors },
      },
    },
    (request) => audit.verify(request.actor),
  );

  app.get(
    '/audit/seen',
    {
      schema: {
        operationId: 'whoSawRow',
        tags: ['audit'],
        summary: 'Who was given a row plain',
        querystring: Type.Object({
          ...schemas.paging(100),
          dataset_id: Type.String({ maxLength: 64 }),
          row: schemas.wholeNumber(1, { description: 'Number of the row in its dataset, from 1.' }),
        }),
        response: { 200: schemas.RowSeen, ...schemas.errors },
      },
    },
    async (request) => {
      const { dataset_id: datasetId, row, limit, offset } = request.query;
      return { ...(await seenBy.row(request.actor, datasetId, row, { limit, offset })), limit, offset };
    },
  );

  app.post(
    '/audit/seen',
    {
      schema: {
        operationId: 'whoSawValue',
        tags: ['audit'],
        summary: 'Who was given a value of a sealed column plain, and where it is',
        description: 'For administrators who may reveal. The question is an entry itself, without the value.',
        body: Type.Object({
          ...schemas.paging(100),
          value: Type.String({ minLength: 1, maxLength: 10_000 }),
          dataset_id: text(64, 'Only in this dataset.'),
        }),
        response: { 200: schemas.ValueSeen, ...schemas.errors },
      },
    },
    async (request) => {
      const { value, dataset_id: datasetId, limit, offset } = request.body;
      return { ...(await seenBy.value(request.actor, value, datasetId, { limit, offset })), limit, offset };
    },
  );

  app.post(
    '/keys/export',
    {
      schema: {
        operationId: 'exportKeys',
        tags: ['keys'],
        summary: 'The workspace’s Fernet keys, for administrators who may reveal',
        description:
          'Newest first. Any Fernet library opens the workspace’s tokens with them. Written to the audit log first.',
        body: Type.Object({ reason: Type.String({ minLength: 1, maxLength: 500 }) }),
        response: { 200: Type.Object({ fernet_keys: Type.Array(Type.String()) }), ...schemas.errors },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return { fernet_keys: [...(await workspaces.exportKeys(request.actor, request.body.reason))] };
    },
  );
}
