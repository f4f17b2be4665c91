import Type from 'typebox';
import type { App } from './app-type.ts';

const state = Type.Object({ status: Type.Union([Type.Literal('ok'), Type.Literal('down')]), kind: Type.String() });

/** The state of one thing the service stands on. */
export type State = { status: 'ok' | 'down'; kind: string };

/** Looks at what the service stands on; never throws. */
export type Health = () => Promise<{ database: State; storage: State; queue: State }>;

/** `GET /`: whether the service works. A browser is taken to a page for people instead. */
export function healthRoutes(app: App, version: string, health: Health): void {
  app.get(
    '/',
    {
      config: { public: true },
      schema: {
        operationId: 'getHealth',
        tags: ['health'],
        summary: 'Health of the service',
        security: [],
        response: {
          '2xx': Type.Object({
            status: Type.String(),
            name: Type.String(),
            version: Type.String(),
            uptime: Type.Number({ description: 'Seconds.' }),
            database: state,
            storage: state,
            queue: state,
          }),
        },
      },
    },
    async (request, reply) => {
      if (request.headers.accept?.includes('text/html')) return reply.redirect('/docs');
      const parts = await health();
      const status = Object.values(parts).every((part) => part.status === 'ok') ? 'ok' : 'degraded';
      return { status, name: 'Intakt', version, uptime: Math.round(process.uptime()), ...parts };
    },
  );
}
