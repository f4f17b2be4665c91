import helmet from '@fastify/helmet';
import type { App } from './app-type.ts';

/** What every answer carries: it is data, for whom it was sent to alone (OWASP REST Security Cheat Sheet). */
const OF_DATA = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Sets the headers that keep a browser from doing more with an answer than it should: few are enough for data. */
export function dataHeaders(app: App): void {
  app.addHook('onRequest', (request, reply, next) => {
    if (request.routeOptions.config?.page === undefined) reply.headers(OF_DATA);
    next();
  });
}

/** Sets those of pages for people, which load scripts and styles, in place of them: helmet's, for all of a scope. */
export async function pageHeaders(app: App): Promise<void> {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, page: true };
  });
  await app.register(helmet, { contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } });
}
