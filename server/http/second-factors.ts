import Type from 'typebox';
import type { SecondFactors } from '../accounts/second-factors.ts';
import type { App } from './app-type.ts';
import { Code, errors, noContent } from './schemas.ts';

const RecoveryCodes = Type.Object({
  recovery_codes: Type.Array(Type.String(), { description: 'Ten, each good once in place of a code; told once.' }),
});

/** The caller's second factor, and help for a member who has lost theirs. */
export function secondFactorRoutes(app: App, secondFactors: SecondFactors): void {
  app.get(
    '/users/me/second-factor',
    {
      schema: {
        operationId: 'getSecondFactor',
        tags: ['users'],
        summary: 'Whether the caller is asked for a code after the password',
        response: {
          200: Type.Object({
            totp: Type.Boolean(),
            recovery_codes_left: Type.Integer({ description: 'How many of the ten are not spent.' }),
          }),
          ...errors,
        },
      },
    },
    (request) => secondFactors.state(request.actor),
  );

  app.post(
    '/users/me/totp',
    {
      schema: {
        operationId: 'startTotp',
        tags: ['users'],
        summary: 'A secret for an authenticator app; codes are asked for once the first was sent',
        response: {
          201: Type.Object({
            secret: Type.String({ description: 'To be typed: base32. Told once.' }),
            otpauth_url: Type.String({ description: 'The same, to be shown as a QR code.' }),
          }),
          ...errors,
        },
      },
    },
    async (request, reply) => reply.code(201).send(await secondFactors.start(request.actor)),
  );

  app.post(
    '/users/me/totp/confirm',
    {
      schema: {
        operationId: 'confirmTotp',
        tags: ['users'],
        summary: 'Turn the second factor on, with the first code of the app',
        body: Type.Object({ code: Code }),
        response: { 200: RecoveryCodes, ...errors },
      },
    },
    (request) => secondFactors.turnOn(request.actor, request.body.code),
  );

  app.delete(
    '/users/me/totp',
    {
      schema: {
        operationId: 'deleteTotp',
        tags: ['users'],
        summary: 'Turn the second factor off, with a code',
        body: Type.Object({ code: Code }),
        response: { 204: noContent, ...errors },
      },
    },
    async (request, reply) => {
      await secondFactors.turnOff(request.actor, request.body.code);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/users/me/recovery-codes',
    {
      schema: {
        operationId: 'renewRecoveryCodes',
        tags: ['users'],
        summary: 'Ten new recovery codes in place of the old ones',
        response: { 200: RecoveryCodes, ...errors },
      },
    },
    (request) => secondFactors.renewRecoveryCodes(request.actor),
  );

  app.delete(
    '/users/:user_id/second-factor',
    {
      schema: {
        operationId: 'resetSecondFactor',
        tags: ['users'],
        summary: 'Take away the second factor and the passkeys of a user who has lost them; ends their sessions',
        params: Type.Object({ user_id: Type.String() }),
        response: { 204: noContent, ...errors },
      },
    },
    async (request, reply) => {
      await secondFactors.reset(request.actor, request.params.user_id);
      return reply.code(204).send(null);
    },
  );
}
