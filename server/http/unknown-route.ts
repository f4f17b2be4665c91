import { Problem } from '../core/problem.ts';
import type { App } from './app-type.ts';
import { pathOf, sendProblem } from './errors.ts';

/**
 * Answers what no route takes (RFC 9110, 15.5.5 and 15.5.6): a path that there is with the methods that it takes, and 404
 * for any other. Must come before the routes, which it notes as they are registered.
 */
export function answerUnknownRoutes(app: App): void {
  const routes: { pattern: RegExp; methods: string[] }[] = [];
  app.addHook('onRoute', (route) => {
    const { url, method } = route;
    // What takes every path says nothing of one, and leads here: no token is needed to be told what there is not.
    if (url === '*') route.config = { ...route.config, public: true };
    else routes.push({ pattern: patternOf(url), methods: [method].flat() });
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const methods = routes.filter(({ pattern }) => pattern.test(path)).flatMap((route) => route.methods);
    if (methods.length === 0) return sendProblem(reply, request, nothingAt(request.method, pathOf(request)));
    const allow = [...new Set([...methods, 'OPTIONS'])].join(', ');
    reply.header('allow', allow);
    if (request.method === 'OPTIONS') return reply.code(204).send();
    return sendProblem(reply, request, notOffered(request.method, pathOf(request), allow));
  });
}

/** A route's path with its parameters, `:name` and `*`, as an expression that a path as it is sent must match. */
function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/:\w+/g, '[^/]+').replaceAll('*', '.*')}$`);
}

const nothingAt = (method: string, path: string) =>
  new Problem('not_found', `There is no ${method} ${path}. See /docs for what there is.`);

const notOffered = (method: string, path: string, allow: string) =>
  new Problem(
    'method_not_allowed',
    `There is no ${method} ${path}, but there are: ${allow}. See /docs for what each does.`,
  );
