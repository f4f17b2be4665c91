import Type from 'typebox';
import type { Workspaces } from '../accounts/workspaces.ts';
import type { Audit } from '../audit/audit.ts';
import type { App } from './app-type.ts';
import * as schemas from './schemas.ts';

/** The audit log, and the export of the workspace's keys, which is written there. */
export function auditRoutes(app: App, audit: Audit, workspaces: Workspaces): void {
  app.get(
    '/audit',
    {
      schema: {
        operationId: 'listAudit',
        tags: ['audit'],
        summary: 'Who did what, newest first, for administrators',
        querystring: Type.Object({
          ...schemas.paging(100),
          action: Type.Optional(Type.String({ maxLength: 50, description: 'Such as dataset.reveal.' })),
          target: Type.Optional(Type.String({ maxLength: 100, description: 'Such as dataset:IDENTIFIER.' })),
        }),
        response: { 200: schemas.AuditList, ...schemas.errors },
      },
    },
    async (request) => {
      const { limit, offset } = request.query;
      return { ...(await audit.list(request.actor, request.query)), limit, offset };
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
