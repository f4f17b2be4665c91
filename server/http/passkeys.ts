import Type from 'typebox';
import type { Login } from '../accounts/login.ts';
import type { Passkeys } from '../accounts/passkeys.ts';
import type { App } from './app-type.ts';
import { originOf } from './bearer.ts';
import { errors, named, noContent, Passkey, TokenPair, text } from './schemas.ts';

const binary = (maxLength = 65_536) => Type.String({ minLength: 1, maxLength, description: 'base64url.' });
const credential = {
  id: binary(2048),
  rawId: binary(2048),
  type: Type.Literal('public-key'),
  clientExtensionResults: Type.Object({}),
  authenticatorAttachment: Type.Optional(Type.Union([Type.Literal('platform'), Type.Literal('cross-platform')])),
};

const NewPasskeyResponse = named(
  'NewPasskeyResponse',
  Type.Object(
    {
      ...credential,
      response: Type.Object({
        clientDataJSON: binary(),
        attestationObject: binary(),
        transports: Type.Optional(Type.Array(Type.String({ maxLength: 32 }), { maxItems: 16 })),
      }),
    },
    { description: 'What `toJSON` of a new PublicKeyCredential gives.' },
  ),
);

/** The answer of a passkey, as a browser sends it. */
export const PasskeyResponse = named(
  'PasskeyResponse',
  Type.Object(
    {
      ...credential,
      response: Type.Object({
        clientDataJSON: binary(),
        authenticatorData: binary(),
        signature: binary(),
        userHandle: Type.Optional(Type.String({ maxLength: 128 })),
      }),
    },
    { description: 'What `toJSON` of the PublicKeyCredential gives.' },
  ),
);

const options = (call: string) =>
  Type.Record(Type.String(), Type.Unknown(), { description: `For PublicKeyCredential.${call}.` });
const name = text(100);
const params = Type.Object({ passkey_id: Type.String() });

/** The caller's passkeys, and logging in with one. */
export function passkeyRoutes(app: App, passkeys: Passkeys, login: Login): void {
  app.post(
    '/auth/passkey/options',
    {
      config: { public: true },
      schema: {
        operationId: 'getPasskeyOptions',
        tags: ['auth'],
        summary: 'What a browser needs to log somebody in, or confirm, with a passkey',
        security: [],
        response: { 200: options('parseRequestOptionsFromJSON'), ...errors },
      },
    },
    async () => ({ ...(await passkeys.loginOptions()) }),
  );

  app.post(
    '/auth/passkey',
    {
      config: { public: true },
      schema: {
        operationId: 'loginPasskey',
        tags: ['auth'],
        summary: 'Log in with a passkey, without a name or password',
        security: [],
        body: Type.Object({ response: PasskeyResponse, workspace_id: Type.Optional(text(64)) }),
        response: { 200: TokenPair, ...errors },
      },
    },
    (request) => {
      const { response, workspace_id: workspaceId } = request.body;
      return login.withPasskey(response, { origin: originOf(request), workspaceId });
    },
  );

  app.get(
    '/users/me/passkeys',
    {
      schema: {
        operationId: 'listPasskeys',
        tags: ['users'],
        summary: 'The caller’s passkeys',
        response: { 200: Type.Object({ items: Type.Array(Passkey) }), ...errors },
      },
    },
    async (request) => ({ items: await passkeys.list(request.actor) }),
  );

  app.post(
    '/users/me/passkeys/options',
    {
      schema: {
        operationId: 'getNewPasskeyOptions',
        tags: ['users'],
        summary: 'What a browser needs to make a passkey for the caller',
        response: { 200: options('parseCreationOptionsFromJSON'), ...errors },
      },
    },
    async (request) => ({ ...(await passkeys.creationOptions(request.actor)) }),
  );

  app.post(
    '/users/me/passkeys',
    {
      schema: {
        operationId: 'addPasskey',
        tags: ['users'],
        summary: 'Add the passkey that the browser has made',
        body: Type.Object({ name, response: NewPasskeyResponse }),
        response: { 201: Passkey, ...errors },
      },
    },
    async (request, reply) => {
      const { name, response } = request.body;
      return reply.code(201).send(await passkeys.add(request.actor, name, response));
    },
  );

  app.patch(
    '/users/me/passkeys/:passkey_id',
    {
      schema: {
        operationId: 'renamePasskey',
        tags: ['users'],
        summary: 'Give a passkey another name',
        params,
        body: Type.Object({ name }),
        response: { 200: Passkey, ...errors },
      },
    },
    (request) => passkeys.rename(request.actor, request.params.passkey_id, request.body.name),
  );

  app.delete(
    '/users/me/passkeys/:passkey_id',
    {
      schema: {
        operationId: 'deletePasskey',
        tags: ['users'],
        summary: 'Remove a passkey',
        params,
        response: { 204: noContent, ...errors },
      },
    },
    async (request, reply) => {
      await passkeys.remove(request.actor, request.params.passkey_id);
      return reply.code(204).send(null);
    },
  );
}
