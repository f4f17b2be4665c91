import Type from 'typebox';
import type { WorkspaceAdmin } from '../accounts/workspace-admin.ts';
import type { Limits } from '../backends/limits/limits.ts';
import type { Actor } from '../core/actor.ts';
import type { App } from './app-type.ts';
import { workspaceCounter } from './rate-limit.ts';
import { errors, noContent, paging, text, Workspace, WorkspaceDetail, WorkspaceList, wholeNumber } from './schemas.ts';

interface Needs {
  workspaceAdmin: WorkspaceAdmin;
  limits: Limits;
}

const params = Type.Object({ workspace_id: Type.String({ maxLength: 64 }) });
const quota = (of: string) =>
  Type.Optional(
    Type.Union([wholeNumber(1), Type.Null()], {
      description: `${of}; null for no bound.`,
    }),
  );
const quotas = {
  max_bytes: quota('Bytes of originals'),
  max_files: quota('Files'),
  max_rows: quota('Rows over all datasets'),
  max_requests: quota('Requests a minute'),
};

/** Workspaces: the caller's, and for whoever runs the service all of them. */
export function workspaceRoutes(app: App, { workspaceAdmin, limits }: Needs): void {
  app.get(
    '/workspaces',
    {
      schema: {
        operationId: 'listWorkspaces',
        tags: ['workspaces'],
        summary: 'The caller’s workspaces; all of them for whoever runs the service',
        querystring: Type.Object({
          ...paging(100),
          all: Type.Boolean({ default: false, description: 'For whoever runs the service.' }),
        }),
        response: { 200: WorkspaceList, ...errors },
      },
    },
    async (request) => {
      const { limit, offset } = request.query;
      return { ...(await workspaceAdmin.list(request.actor, request.query)), limit, offset };
    },
  );

  app.post(
    '/workspaces',
    {
      schema: {
        operationId: 'createWorkspace',
        tags: ['workspaces'],
        summary: 'Make a workspace, for whoever runs the service, who becomes its first administrator',
        body: Type.Object({ name: text(100), ...quotas }),
        response: { 201: Workspace, ...errors },
      },
    },
    async (request, reply) => reply.code(201).send(await workspaceAdmin.create(request.actor, request.body)),
  );

  app.get(
    '/workspaces/current',
    {
      schema: {
        operationId: 'getCurrentWorkspace',
        tags: ['workspaces'],
        summary: 'The workspace that the caller is signed in to, what it holds and may hold',
        response: { 200: WorkspaceDetail, ...errors },
      },
    },
    (request) => detailOf(request.actor, request.actor.workspaceId),
  );

  app.patch(
    '/workspaces/current',
    {
      schema: {
        operationId: 'changeCurrentWorkspace',
        tags: ['workspaces'],
        summary: 'Rename the workspace, or share its files among its members, for its administrators',
        body: Type.Object(
          { name: Type.Optional(text(100)), shared_files: Type.Optional(Type.Boolean()) },
          { minProperties: 1 },
        ),
        response: { 200: Workspace, ...errors },
      },
    },
    (request) => workspaceAdmin.changeOwn(request.actor, request.body),
  );

  app.get(
    '/workspaces/:workspace_id',
    {
      schema: {
        operationId: 'getWorkspace',
        tags: ['workspaces'],
        summary: 'A workspace, what it holds and may hold; others than the current one for whoever runs the service',
        params,
        response: { 200: WorkspaceDetail, ...errors },
      },
    },
    (request) => detailOf(request.actor, request.params.workspace_id),
  );

  app.patch(
    '/workspaces/:workspace_id',
    {
      schema: {
        operationId: 'changeWorkspace',
        tags: ['workspaces'],
        summary: 'Rename a workspace or set its quotas, for whoever runs the service',
        params,
        body: Type.Object({ name: Type.Optional(text(100)), ...quotas }, { minProperties: 1 }),
        response: { 200: Workspace, ...errors },
      },
    },
    (request) => workspaceAdmin.change(request.actor, request.params.workspace_id, request.body),
  );

  app.delete(
    '/workspaces/:workspace_id',
    {
      schema: {
        operationId: 'deleteWorkspace',
        tags: ['workspaces'],
        summary: 'Remove a workspace with all its files, rows, keys, clients and memberships',
        params,
        response: { 204: noContent, ...errors },
      },
    },
    async (request, reply) => {
      await workspaceAdmin.remove(request.actor, request.params.workspace_id);
      return reply.code(204).send(null);
    },
  );

  async function detailOf(actor: Actor, workspaceId: string) {
    const { usage, ...workspace } = await workspaceAdmin.get(actor, workspaceId);
    // Counted only where there is a quota.
    const { count } = await limits.read(workspaceCounter(workspaceId));
    return { ...workspace, usage: { ...usage, requests: workspace.quotas.max_requests === null ? null : count } };
  }
}
