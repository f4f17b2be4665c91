import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Audit } from '../audit/audit.ts';
import { Problem, type ProblemCode, toProblem } from '../core/problem.ts';
import { framesOf } from '../core/stack-frames.ts';
import type { App } from './app-type.ts';

/** Every error leaves as `application/problem+json` (RFC 9457) with a stable `code`; a refusal is in the audit log by then. */
export function answerErrors(app: App, audit: Audit): void {
  app.setErrorHandler(async (error: FastifyError | Problem, request, reply) => {
    const problem = error instanceof Problem ? error : fromFramework(error, request);
    if (problem.status >= 500)
      request.log.error({ code: problem.code, stack: framesOf(problem.cause ?? error) }, 'request failed');
    await writeRefusal(audit, request, problem);
    return sendProblem(reply, request, problem);
  });
}

/**
 * Writes down that somebody who is signed in may not do what they asked for; any other problem is none of that. By the
 * route's pattern: what was asked for by name may not exist, or be another workspace's.
 */
export async function writeRefusal(audit: Audit, request: FastifyRequest, problem: Problem): Promise<void> {
  if (problem.status !== 403 || !request.actor) return;
  const { method, url } = request.routeOptions;
  const target = `route:${[method].flat().join()} ${url}`;
  await audit.refuse(request.actor, problem, 'access.refused', target, {}).catch((error) => {
    request.log.error({ stack: framesOf(error) }, 'a refusal could not be written to the audit log');
  });
}

/** What may have been said already of an answer that could not be given after all. */
const OF_CONTENT = ['accept-ranges', 'content-disposition', 'content-length', 'etag'];

/** The problem as its document, with the headers that belong to it. */
export function sendProblem(reply: FastifyReply, request: FastifyRequest, problem: Problem): FastifyReply {
  const { status } = problem;
  for (const name of OF_CONTENT) reply.removeHeader(name);
  if (typeof problem.extra.retry_after === 'number') reply.header('retry-after', problem.extra.retry_after);
  const challenge = challengeOf(problem, request);
  if (challenge) reply.header('www-authenticate', challenge);
  const document = problemDocument(problem, pathOf(request));
  return reply.code(status).type('application/problem+json').serializer(JSON.stringify).send(document);
}

/** What is sent of a problem; `instance` is the path that was asked for. */
export function problemDocument({ code, status, title, detail, extra }: Problem, instance?: string): object {
  return { type: `urn:intakt:problem:${code}`, title, status, detail, code, instance, ...extra };
}

/** Another token would do (RFC 6750, 3.1). */
export const INSUFFICIENT_SCOPE = 'Bearer realm="intakt", error="insufficient_scope"';

/** RFC 6750, 3: no error code when no token was sent at all. */
function challengeOf({ code, status }: Problem, { headers }: FastifyRequest): string | undefined {
  if (code === 'insufficient_scope') return INSUFFICIENT_SCOPE;
  if (status !== 401) return undefined;
  if (headers.authorization === undefined) return 'Bearer realm="intakt"';
  const description = code === 'token_expired' ? 'The access token expired' : 'The access token is not valid';
  return `Bearer realm="intakt", error="invalid_token", error_description="${description}"`;
}

const BY_STATUS: Readonly<Record<number, ProblemCode>> = {
  404: 'not_found',
  405: 'method_not_allowed',
  406: 'not_acceptable',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
};

function fromFramework(error: FastifyError, request: FastifyRequest): Problem {
  if (error.validation) return new Problem('invalid_request', refusedBySchema(error, request));
  const status = error.statusCode ?? 500;
  if (status < 400 || status >= 500) return toProblem(error);
  return new Problem(BY_STATUS[status] ?? 'invalid_request', safeDetail(error, request));
}

/** Where the first thing that is wrong is, and what would be right there. */
function refusedBySchema({ validation = [], validationContext }: FastifyError, request: FastifyRequest): string {
  if (validationContext === 'body' && request.body === undefined)
    return 'The body is missing: send it as JSON, with the header "Content-Type: application/json".';
  const [first] = validation;
  const where = [validationContext, first?.instancePath.slice(1)].filter(Boolean).join(' ');
  const choices = validation
    .filter(({ keyword, instancePath }) => keyword === 'const' && instancePath === first?.instancePath)
    .map(({ params }) => JSON.stringify(params.allowedValue));
  if (choices.length > 0) return `${where}: must be ${choices.join(' or ')}.`;
  return `${where}: ${first?.message ?? 'is not valid'}.`;
}

/** The framework's own sentences are about the request's form; what a JSON parser says could quote its content. */
function safeDetail(error: FastifyError, { routeOptions }: FastifyRequest): string {
  if (error instanceof SyntaxError || error.code === 'FST_ERR_CTP_INVALID_JSON_BODY')
    return 'The body is not valid JSON.';
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    const { consumes = ['application/json'] } = (routeOptions.schema ?? {}) as { consumes?: readonly string[] };
    return `This does not take a body of that Content-Type: send ${consumes.join(' or ')}.`;
  }
  if (error.code === 'FST_FILES_LIMIT') return 'The form has too many files. Send at most 20 in one.';
  if (error.code === 'FST_FIELDS_LIMIT' || error.code === 'FST_PARTS_LIMIT')
    return 'The form has too many fields. Send at most 50 in one.';
  return error.code?.startsWith('FST_') ? `${error.message}.` : 'The request could not be read.';
}

/** The path that was asked for, as it was written, without its query. */
export const pathOf = (request: FastifyRequest): string => request.originalUrl.split('?', 1)[0]!;
