import { pino } from 'pino';
import { createHttp, type HttpNeeds } from './server.ts';

/** The OpenAPI 3.1 document of the routes, without a running service: nothing of what they need is ever called. */
export async function documentation(): Promise<object> {
  const unused = new Proxy({}, { get: () => () => Promise.reject(new Error('not running')) });
  const needs = {
    version: '1',
    logger: pino({ level: 'silent' }),
    trustProxy: '',
    corsOrigins: [],
    requestsPerMinute: 0,
    loginsPerMinute: 0,
  };
  const app = await createHttp(
    new Proxy(needs, { get: (target, name) => Reflect.get(target, name) ?? unused }) as unknown as HttpNeeds,
  );
  await app.ready();
  const document = app.swagger();
  await app.close();
  return document;
}
