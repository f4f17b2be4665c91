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

/** Pages for people: paths that begin so. */
const PAGES = ['/docs', '/setup'];

/** Sets the headers that keep a browser from doing more with an answer than it should: helmet's for pages, few for data. */
export async function securityHeaders(app: App): Promise<void> {
  app.addHook('onRoute', (route) => {
    if (!PAGES.some((page) => route.url === page || route.url.startsWith(`${page}/`))) return;
    route.helmet = { contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } };
  });
  app.addHook('onRequest', (request, reply, next) => {
    if (request.routeOptions.config?.helmet === undefined) reply.headers(OF_DATA);
    next();
  });
  await app.register(helmet, { global: false });
}
