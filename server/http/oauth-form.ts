import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { ClientCredentials } from '../accounts/oauth.ts';
import { OAuthError, toOAuthError } from '../accounts/oauth-error.ts';
import type { Audit } from '../audit/audit.ts';
import { Problem } from '../core/problem.ts';
import { framesOf } from '../core/stack-frames.ts';
import { INSUFFICIENT_SCOPE, writeRefusal } from './errors.ts';

/** The two fields of a form that say which client it is from. */
export interface ClientFields {
  client_id?: string;
  client_secret?: string;
}

/**
 * Which client a request is from, unchecked; `null` when it does not say. RFC 6749, 2.3.1: HTTP Basic of both parts
 * form-encoded, or two fields of the form; not both.
 */
export function credentialsOf(
  { headers }: FastifyRequest,
  { client_id: id, client_secret: secret = '' }: ClientFields,
): ClientCredentials | null {
  const basic = /^Basic +([\w+/]+=*)$/i.exec(headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    if (secret) throw new OAuthError('invalid_request', 'Send the client key once, in the form or by HTTP Basic.');
    const [name = '', ...rest] = Buffer.from(basic, 'base64').toString().split(':');
    return { clientId: fromForm(name), secret: fromForm(rest.join(':')) };
  }
  if (id === undefined && secret) throw new OAuthError('invalid_client', 'client_id is missing.');
  return id === undefined ? null : { clientId: id, secret };
}

function fromForm(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new OAuthError('invalid_client', 'The HTTP Basic credentials are not form-encoded.');
  }
}

const CHALLENGES: Readonly<Record<string, string>> = {
  invalid_client: 'Basic realm="intakt", charset="UTF-8"',
  invalid_token: 'Bearer realm="intakt", error="invalid_token"',
  insufficient_scope: INSUFFICIENT_SCOPE,
};

/** Answers in the shape of RFC 6749, 5.2, with the headers that belong to it; a refusal is in the audit log by then. */
export const answerOAuthErrors =
  (audit: Audit) => async (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    const refused = toOAuthError(fromFramework(error));
    const { status, code, description, cause } = refused;
    if (status >= 500) request.log.error({ stack: framesOf(cause) }, 'request failed');
    if (cause instanceof Problem) await writeRefusal(audit, request, cause);
    const wait = cause instanceof Problem ? cause.extra.retry_after : undefined;
    if (typeof wait === 'number') reply.header('retry-after', wait);
    const challenge = CHALLENGES[code];
    if (challenge) reply.header('www-authenticate', challenge);
    return reply.code(status).send({ error: code, error_description: description });
  };

/** What the framework refuses is the form, or a field that is given twice. */
function fromFramework(error: FastifyError): unknown {
  if (!error.validation && (error.statusCode ?? 500) >= 500) return error;
  if (error.validation?.[0]?.instancePath) {
    const [{ instancePath, message }] = error.validation;
    return new OAuthError('invalid_request', `${instancePath.slice(1)} ${message ?? 'is not valid'}.`);
  }
  return new OAuthError('invalid_request', 'Send the parameters as application/x-www-form-urlencoded.');
}
