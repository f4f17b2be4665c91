import multipart from '@fastify/multipart';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import websocket from '@fastify/websocket';
import Fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import type { Authenticate } from '../accounts/authenticate.ts';
import type { ClientLogin } from '../accounts/client-login.ts';
import type { Clients } from '../accounts/clients.ts';
import type { DetectionSettings } from '../accounts/detection-settings.ts';
import type { Identities } from '../accounts/identities.ts';
import type { Invitations } from '../accounts/invitations.ts';
import type { Login } from '../accounts/login.ts';
import type { OAuth } from '../accounts/oauth.ts';
import type { Passkeys } from '../accounts/passkeys.ts';
import type { Refresh } from '../accounts/refresh.ts';
import type { Registrations } from '../accounts/registration.ts';
import type { SecondFactors } from '../accounts/second-factors.ts';
import type { Tickets } from '../accounts/tickets.ts';
import type { Users } from '../accounts/users.ts';
import type { WorkspaceAdmin } from '../accounts/workspace-admin.ts';
import type { Workspaces } from '../accounts/workspaces.ts';
import type { Audit } from '../audit/audit.ts';
import type { EventBus } from '../backends/events/events.ts';
import type { Limits } from '../backends/limits/limits.ts';
import type { DatasetReads } from '../datasets/read.ts';
import type { SeenBy } from '../datasets/seen.ts';
import type { Files } from '../files/files.ts';
import type { Receive } from '../files/receive.ts';
import { type AccessWatch, createAccessWatch } from './access-watch.ts';
import type { App } from './app-type.ts';
import { auditRoutes } from './audit.ts';
import { authRoutes } from './auth.ts';
import { answerBadHttp, answerBadPath } from './bad-http.ts';
import { requireBearer } from './bearer.ts';
import { clientRoutes } from './clients.ts';
import { compatAuthRoutes } from './compat-auth.ts';
import { compatFileRoutes } from './compat-files.ts';
import { allowOrigins } from './cross-origin.ts';
import { datasetRoutes } from './datasets.ts';
import { detectionRoutes } from './detection.ts';
import { answerErrors } from './errors.ts';
import { fileRoutes } from './files.ts';
import { type Health, healthRoutes } from './health.ts';
import { identityRoutes, type LoginWays } from './identities.ts';
import { invitationRoutes } from './invitations.ts';
import { liveRoutes } from './live.ts';
import { oauthRoutes } from './oauth.ts';
import { openApiDocument } from './openapi.ts';
import { passkeyRoutes } from './passkeys.ts';
import { createRateLimits } from './rate-limit.ts';
import { readBodies } from './request-body.ts';
import { schemaCompilers } from './schema-compilers.ts';
import { secondFactorRoutes } from './second-factors.ts';
import { dataHeaders, pageHeaders } from './security-headers.ts';
import { setupPage } from './setup-page.ts';
import { answerUnknownRoutes } from './unknown-route.ts';
import { userRoutes } from './users.ts';
import { workspaceRoutes } from './workspaces.ts';

/** What the HTTP side is made of. */
export interface HttpNeeds {
  readonly version: string;
  readonly logger: FastifyBaseLogger;
  readonly trustProxy: string;
  readonly corsOrigins: readonly string[];
  readonly limits: Limits;
  readonly requestsPerMinute: number;
  readonly transfersPerMinute: number;
  readonly health: Health;
  readonly authenticate: Authenticate;
  readonly login: Login;
  readonly refresh: Refresh;
  readonly clients: Clients;
  readonly clientLogin: ClientLogin;
  readonly oauth: OAuth;
  /** Where people reach the service; empty for where a request comes to. */
  readonly publicUrl: string;
  readonly passkeys: Passkeys;
  readonly identities: Identities;
  readonly loginWays: LoginWays;
  /** Where people reach the service, known once it listens. */
  readonly home: () => string;
  readonly secondFactors: SecondFactors;
  readonly registrations: Registrations;
  readonly users: Users;
  readonly invitations: Invitations;
  readonly tickets: Tickets;
  readonly workspaces: Workspaces;
  readonly workspaceAdmin: WorkspaceAdmin;
  readonly detectionSettings: DetectionSettings;
  readonly audit: Audit;
  readonly files: Files;
  readonly receive: Receive;
  readonly reads: DatasetReads;
  readonly seenBy: SeenBy;
  readonly events: EventBus;
}

type RouteNeeds = HttpNeeds & { readonly accesses: AccessWatch };

const BODY_LIMIT = 1024 * 1024;
/** A connection on which nothing moves for so long is closed: above any `Prefer: wait` and the heartbeat of a stream. */
const SILENT_MS = 120_000;

/** The API, not yet listening. Every route is registered once and answers with and without `/v1` before its path. */
export async function createHttp(needs: HttpNeeds): Promise<App> {
  const app = Fastify({
    loggerInstance: needs.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    connectionTimeout: SILENT_MS,
    trustProxy: needs.trustProxy || false,
    rewriteUrl: ({ url = '/' }) => withoutSlash(withoutVersion(url)),
    routerOptions: { maxParamLength: 300 },
    forceCloseConnections: true,
    frameworkErrors: answerBadPath,
    clientErrorHandler: answerBadHttp,
    ...schemaCompilers,
  }).withTypeProvider<TypeBoxTypeProvider>() as App;
  answerErrors(app, needs.audit);
  answerUnknownRoutes(app);
  logAnswers(app);
  await registerPlugins(app, needs);
  requireBearer(app, needs, createRateLimits(needs));
  readBodies(app);
  const accesses = createAccessWatch(needs);
  await app.register(async (routes) => registerRoutes(routes as App, { ...needs, accesses }));
  return app;
}

async function registerRoutes(app: App, needs: RouteNeeds): Promise<void> {
  healthRoutes(app, needs.version, needs.health);
  authRoutes(app, needs);
  userRoutes(app, needs.users);
  secondFactorRoutes(app, needs.secondFactors);
  passkeyRoutes(app, needs.passkeys, needs.login);
  identityRoutes(app, { ...needs, publicUrl: needs.home });
  invitationRoutes(app, needs.invitations);
  clientRoutes(app, needs.clients);
  compatAuthRoutes(app, needs);
  await app.register(async (uploads) => registerUploads(uploads as App, needs));
  app.register(async (scope) => oauthRoutes(scope as App, needs));
  liveRoutes(app, needs);
  datasetRoutes(app, needs);
  auditRoutes(app, needs);
  detectionRoutes(app, needs.detectionSettings);
  workspaceRoutes(app, needs);
}

/** What takes forms with files. Their plugin does work for every request of its scope, so that it has one of its own. */
async function registerUploads(app: App, needs: RouteNeeds): Promise<void> {
  await app.register(multipart, {
    limits: {
      files: 20,
      fields: 50,
      fieldSize: 64 * 1024,
      parts: 70,
      fileSize: Number.POSITIVE_INFINITY,
      headerPairs: 50,
    },
  });
  compatFileRoutes(app, needs);
  fileRoutes(app, needs);
}

async function registerPlugins(app: App, needs: HttpNeeds): Promise<void> {
  dataHeaders(app);
  await allowOrigins(app, needs.corsOrigins);
  await app.register(websocket, { options: { maxPayload: 4096 } });
  await app.register(swagger, openApiDocument(needs.version));
  app.get('/openapi.json', { config: { public: true }, schema: { hide: true } }, () => app.swagger());
  await app.register(async (pages) => registerPages(pages as App));
}

/** Pages for people, which browsers are told other things of than of data. */
async function registerPages(app: App): Promise<void> {
  await pageHeaders(app);
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, public: true };
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    theme: { title: 'Intakt API', css: [{ filename: 'intakt.css', content: '.swagger-ui .topbar { display: none }' }] },
  });
  setupPage(app);
}

const withoutVersion = (url: string): string =>
  url.startsWith('/v1') ? url.replace(/^\/v1(?:\/|(?=\?)|$)/, '/') : url;

/** A slash at the end of a path says nothing more, but for the page whose links go on from it. */
const withoutSlash = (url: string): string =>
  url.startsWith('/docs') ? url : url.replace(/^([^?]*[^?/])\/(?=\?|$)/, '$1');

/** One line an answer, if anybody reads it: the route's pattern and never the query, which may hold a ticket or a name. */
function logAnswers(app: App): void {
  if (!['trace', 'debug', 'info'].includes(app.log.level)) return;
  app.addHook('onResponse', (request, reply, next) => {
    const { method } = request;
    const route = request.routeOptions.url ?? 'unknown';
    request.log.info({ method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'answered');
    next();
  });
}
