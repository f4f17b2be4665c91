import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { Actor } from '../core/actor.ts';

/** The web framework's application, with the types of its routes taken from their schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set before the handler of every route that is not public. */
    actor: Actor;
  }
  interface FastifyContextConfig {
    /** Answers without a bearer token. */
    public?: boolean;
    /** Takes a one-time ticket in the query in place of the bearer token. */
    ticket?: boolean;
    /** Moves whole files or datasets, and has a limit of its own. */
    transfer?: boolean;
    /** Is a page for people, or belongs to one. */
    page?: boolean;
  }
}
