import Type from 'typebox';
import type { Invitations } from '../accounts/invitations.ts';
import type { App } from './app-type.ts';
import { errors, Invitation, InvitationList, noContent, paging, Role, text } from './schemas.ts';

/** Inviting users to the workspace. */
export function invitationRoutes(app: App, invitations: Invitations): void {
  app.post(
    '/invitations',
    {
      schema: {
        operationId: 'invite',
        tags: ['users'],
        summary: 'Invite somebody to the workspace',
        description: 'Nothing is sent. Hand the token over; it is told once.',
        body: Type.Object({
          email: Type.Optional(
            Type.String({ minLength: 1, maxLength: 254, description: 'The only address that may accept.' }),
          ),
          role: Type.Union(Role.anyOf, { default: 'member' }),
          may_reveal: Type.Boolean({ default: false }),
          days: Type.Integer({ minimum: 1, maximum: 90, default: 7, description: 'How long it is good for.' }),
        }),
        response: {
          201: Type.Object({ ...Invitation.properties, token: Type.String({ description: 'Told once.' }) }),
          ...errors,
        },
      },
    },
    async (request, reply) => reply.code(201).send(await invitations.invite(request.actor, request.body)),
  );

  app.get(
    '/invitations',
    {
      schema: {
        operationId: 'listInvitations',
        tags: ['users'],
        summary: 'Invitations to the workspace, newest first',
        querystring: Type.Object(paging(100)),
        response: { 200: InvitationList, ...errors },
      },
    },
    async (request) => {
      const { limit, offset } = request.query;
      return { ...(await invitations.list(request.actor, limit, offset)), limit, offset };
    },
  );

  app.delete(
    '/invitations/:invitation_id',
    {
      schema: {
        operationId: 'withdrawInvitation',
        tags: ['users'],
        summary: 'Take an invitation back',
        params: Type.Object({ invitation_id: Type.String() }),
        response: { 204: noContent, ...errors },
      },
    },
    async (request, reply) => {
      await invitations.withdraw(request.actor, request.params.invitation_id);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/invitations/accept',
    {
      schema: {
        operationId: 'acceptInvitation',
        tags: ['users'],
        summary: 'Join another workspace, for who is a user already',
        description: 'Whoever is none yet sends the token with POST /v1/auth/register.',
        body: Type.Object({ token: text(200) }),
        response: { 200: Type.Object({ workspace_id: Type.String() }), ...errors },
      },
    },
    async (request) => ({ workspace_id: await invitations.join(request.actor, request.body.token) }),
  );
}
