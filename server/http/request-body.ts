import type { FastifyRequest } from 'fastify';
import { Problem } from '../core/problem.ts';
import type { App } from './app-type.ts';

/**
 * How the bodies of requests are read, for routes that are registered after it. JSON is UTF-8 (RFC 8259, 8.1), and none at
 * all under its name is no body: many libraries name it with every request. Where everything may be left out of a body,
 * all of it may. A body that is packed (Content-Encoding) is refused, and not read as if it were not.
 */
export function readBodies(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    const text = textOf(bytes as Buffer);
    if (text === undefined) done(new Problem('invalid_request', 'The body is not valid UTF-8, which JSON must be.'));
    else if (text === '') done(null, undefined);
    else parse(request, text, done);
  });
  app.addHook('onRoute', (route) => {
    if (!mayBeLeftOut((route.schema?.body ?? {}) as Shape)) return;
    route.preValidation = [fillIn, ...[route.preValidation ?? []].flat()];
  });
  app.addHook('onRequest', (request, reply, next) => {
    const coding = request.headers['content-encoding'];
    if (coding === undefined || coding === 'identity') return next();
    // RFC 9110, 15.5.16: what would be taken.
    reply.header('accept-encoding', 'identity');
    next(new Problem('unsupported_media_type', 'The body is packed. Send it without a Content-Encoding.'));
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** What a schema says of an object. */
interface Shape {
  readonly type?: string;
  readonly required?: unknown;
  readonly minProperties?: number;
  readonly properties?: Readonly<Record<string, { readonly default?: unknown }>>;
}

/** The members that must be sent: what has a default is filled in by the validator. */
export function neededOf({ required, properties = {} }: Shape): string[] {
  const names = Array.isArray(required) ? (required as string[]) : [];
  return names.filter((name) => properties[name]?.default === undefined);
}

/** Whether an object without members is a body of this schema. */
export function mayBeLeftOut(schema: Shape): boolean {
  return schema.type === 'object' && schema.minProperties === undefined && neededOf(schema).length === 0;
}

const fillIn = async (request: FastifyRequest): Promise<void> => {
  if (request.body === undefined) request.body = {};
};
