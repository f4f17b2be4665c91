import cors from '@fastify/cors';
import type { App } from './app-type.ts';

/** What a page of another origin may read of an answer besides its body. */
const EXPOSED = [
  ...['allow', 'content-disposition', 'content-range', 'etag', 'location', 'preference-applied', 'retry-after'],
  ...['ratelimit', 'ratelimit-policy', 'www-authenticate'],
];

/** Lets pages of these origins call everything (WHATWG Fetch, 3.2). What is no preflight is an OPTIONS like any other. */
export async function allowOrigins(app: App, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  await app.register(cors, {
    delegator: ({ headers }, done) => {
      const preflight = headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
      const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
      done(null, { origin: [...origins], methods, exposedHeaders: EXPOSED, preflight });
    },
  });
}
