import { readFileSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { createAuthenticate } from './accounts/authenticate.ts';
import { createChallenges } from './accounts/challenges.ts';
import { createClientLogin } from './accounts/client-login.ts';
import { createClients } from './accounts/clients.ts';
import { createDetectionSettings } from './accounts/detection-settings.ts';
import { createFactorCodes } from './accounts/factor-codes.ts';
import { createIdentities } from './accounts/identities.ts';
import { createInvitations } from './accounts/invitations.ts';
import { createLogin } from './accounts/login.ts';
import { createOAuth } from './accounts/oauth.ts';
import { createOpenId, type OpenId } from './accounts/openid.ts';
import { createOperator, type Operator } from './accounts/operator.ts';
import { createPasskeys } from './accounts/passkeys.ts';
import { createPasswords } from './accounts/passwords.ts';
import { createRefresh } from './accounts/refresh.ts';
import { createRegistrations, type RegistrationMode, type Registrations } from './accounts/registration.ts';
import { createSecondFactors } from './accounts/second-factors.ts';
import { createSessions } from './accounts/sessions.ts';
import { createSetup, type Setup } from './accounts/setup.ts';
import { createThrottle } from './accounts/throttle.ts';
import { createTickets } from './accounts/tickets.ts';
import { createAccessTokens } from './accounts/tokens.ts';
import { createUsers } from './accounts/users.ts';
import { createWebAuthn } from './accounts/webauthn.ts';
import { createWorkspaceAdmin } from './accounts/workspace-admin.ts';
import { quotasOf } from './accounts/workspace-store.ts';
import { createWorkspaces, loadWorkspaceKeys } from './accounts/workspaces.ts';
import { createAudit } from './audit/audit.ts';
import { createDiskBlobs } from './backends/blobs/disk.ts';
import type { Database } from './backends/db/db.ts';
import { openSqliteDatabase } from './backends/db/sqlite.ts';
import { createInProcessEvents } from './backends/events/in-process.ts';
import { createDatabaseJobs, newWorkerName } from './backends/jobs/database.ts';
import { createLocalRootKeys } from './backends/keys/local.ts';
import type { Limits } from './backends/limits/limits.ts';
import { createMemoryLimits } from './backends/limits/memory.ts';
import { type Config, listOf } from './config.ts';
import type { Clock } from './core/clock.ts';
import { hourly } from './core/hourly.ts';
import { Problem } from './core/problem.ts';
import { framesOf } from './core/stack-frames.ts';
import { lockDataDir } from './data-lock.ts';
import { createDatasets } from './datasets/query.ts';
import { createDatasetReads } from './datasets/read.ts';
import { createSeenBy } from './datasets/seen.ts';
import { createFiles } from './files/files.ts';
import { createFilePasswords } from './files/passwords.ts';
import { createQuota, usageOf } from './files/quota.ts';
import { createReceive } from './files/receive.ts';
import { reassignFiles } from './files/store.ts';
import { sweep } from './files/sweep.ts';
import type { State } from './http/health.ts';
import { createHttp } from './http/server.ts';
import { openDatabaseKey } from './keys/database-key.ts';
import { createKeys } from './keys/keys.ts';
import { typesNamed } from './parse/detect.ts';
import { createParserPool } from './pipeline/parser-pool.ts';
import { createParseWorker } from './pipeline/worker.ts';
import { parseFernetKey } from './seal/fernet.ts';

/** The running service: what `main.ts` and the tests start. */
export interface Service {
  /** Where it listens, such as `http://127.0.0.1:8000`. */
  readonly url: string;
  /** What makes the first administrator; `null` when there is one. */
  readonly setupToken: string | null;
  /** Stops listening, lets running jobs go back to the queue, and closes everything. */
  close(): Promise<void>;
}

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string };

/**
 * Chooses the adapters, wires the features, recovers what an earlier process left, and listens.
 * @throws Problem `config_invalid`, `key_invalid`; nothing is left running then.
 */
export async function startService(config: Config): Promise<Service> {
  await using stack = new AsyncDisposableStack();
  const supportedFormats = typesNamed(config.SUPPORTED_FORMATS);
  stack.use(lockDataDir(config.DATA_DIR));
  // At level trace the multipart plugin logs the headers of a request, and with them its bearer token.
  const logger = pino({ level: config.LOG_LEVEL, redact: ['busboyOptions.headers'] });
  const clock = Date.now;
  const rootKeys = createLocalRootKeys(fernetKeysOf(config));
  const db = await openDatabase(config, await openDatabaseKey(join(config.DATA_DIR, 'database.key'), rootKeys));
  stack.defer(() => db.close());
  const blobsFolder = resolve(config.DATA_DIR, 'blobs');
  const blobs = await createDiskBlobs(blobsFolder);
  const events = createInProcessEvents();
  const jobs = createDatabaseJobs(db, clock);
  const audit = createAudit(db, clock);
  const keys = createKeys({ root: rootKeys, load: loadWorkspaceKeys(db) });
  const workspaces = await createWorkspaces(db, keys, audit, clock);
  const secretKeys = listOf(config.SECRET_KEY);
  const accessTokens = createAccessTokens(secretKeys, config.ACCESS_TOKEN_EXPIRE_MINUTES, clock);
  const sessions = createSessions({
    db,
    accessTokens,
    secretKeys,
    lifetimeDays: config.REFRESH_TOKEN_EXPIRE_DAYS,
    clock,
    audit,
  });
  const passwords = createPasswords(config.BCRYPT_COST);
  const limits = await openLimits(config, clock, (error) =>
    logger.error({ error: error.name }, 'limits: Redis is not there'),
  );
  stack.defer(() => limits.close());
  const throttle = createThrottle(limits, config.LOGIN_LIMIT_PER_MINUTE);
  const authenticate = createAuthenticate({ db, accessTokens, clock });
  const challenges = createChallenges(db, clock);
  let listening = '';
  const publicUrl = () => config.PUBLIC_URL || listening;
  const passkeys = createPasskeys({ db, clock, webAuthn: createWebAuthn(publicUrl), challenges, audit });
  const codes = createFactorCodes({ db, root: rootKeys, clock });
  await codes.rewrap();
  const login = createLogin({
    db,
    clock,
    passwords,
    codes,
    passkeys,
    challenges,
    sessions,
    throttle,
    workspaces,
    audit,
  });
  const clients = createClients({ db, clock, sessions, audit });
  const clientLogin = createClientLogin({ db, clock, sessions, throttle, workspaces, audit });
  const refresh = createRefresh(sessions, clientLogin);
  const oauth = createOAuth({
    login,
    clientLogin,
    refresh,
    sessions,
    accessTokens,
    authenticate,
    passwordGrant: config.OAUTH_PASSWORD_GRANT === 'true',
  });
  const invitations = createInvitations(db, clock, audit);
  const setup = await createSetup(db.query, challenges);
  const registrations = createRegistrations({
    db,
    clock,
    mode: config.REGISTRATION as RegistrationMode,
    passwords,
    throttle,
    setup,
    invitations,
    workspaces,
    audit,
  });
  const users = createUsers({ db, clock, passwords, sessions, login, audit, reassignFiles });
  const openId = openProvider(config, clock, (code) => logger.warn({ code }, 'OpenID provider'));
  const identities = createIdentities({
    db,
    clock,
    openId,
    redirectUri: () => `${publicUrl()}/v1/auth/oidc/callback`,
    mode: config.OIDC_REGISTRATION as RegistrationMode,
    challenges,
    authenticate,
    login,
    registrations,
    throttle,
    audit,
  });
  const setupToken = await makeFirstAdmin(config, setup, registrations);
  const datasets = createDatasets({ threads: config.QUERY_THREADS });
  stack.defer(() => datasets.close());
  const filePasswords = createFilePasswords();
  const quota = createQuota(db, quotasOf);
  const files = createFiles({
    db,
    blobs,
    keys,
    jobs,
    events,
    audit,
    clock,
    passwords: filePasswords,
    quota,
    forgetDataset: datasets.forget,
  });
  const receive = createReceive({
    db,
    blobs,
    keys,
    jobs,
    events,
    audit,
    clock,
    passwords: filePasswords,
    quota,
    maxFileSize: config.MAX_FILE_SIZE,
    supportedFormats,
  });
  const reads = createDatasetReads({ db, blobs, keys, audit, datasets });
  const workspaceAdmin = createWorkspaceAdmin({
    db,
    keys,
    audit,
    clock,
    defaultId: workspaces.defaultId,
    usageOf,
    removeFiles: files.removeAll,
  });
  const seenBy = createSeenBy({ db, blobs, keys, audit, datasets });
  const tickets = createTickets(db, clock);
  await sweep(db, blobs);
  const sweepAccounts = async () => {
    for (const one of [sessions, challenges, tickets, invitations]) await one.sweep();
  };
  const onError = (error: unknown) => logger.error({ stack: framesOf(error) }, 'what is over could not be removed');
  stack.use(await hourly(sweepAccounts, onError));

  const pool = createParserPool({
    readable: [blobsFolder],
    writable: join(blobsFolder, 'staging'),
    memoryMb: config.PARSER_MEMORY_MB,
    timeoutSeconds: config.PARSER_TIMEOUT_SECONDS,
    onFault: (stack) => logger.error({ stack }, 'parser failed'),
  });
  stack.defer(() => pool.close());
  const detectionSettings = createDetectionSettings(db, audit);
  const worker = createParseWorker({
    detection: detectionSettings.of,
    jobs,
    files,
    keys,
    blobs,
    datasets,
    pool,
    name: newWorkerName(),
    atOnce: config.PARSER_PROCESSES,
    limits: {
      columns: config.MAX_COLUMNS,
      rows: config.MAX_ROWS,
      cells: config.MAX_CELLS,
      cellLength: config.MAX_CELL_LENGTH,
      unpackedBytes: config.MAX_UNPACKED_BYTES,
    },
    ocr: {
      languages: config.OCR_LANGUAGES,
      pages: config.OCR_MAX_PAGES,
      // The other half is for all else that the file needs.
      seconds: config.PARSER_TIMEOUT_SECONDS / 2,
    },
    supportedFormats,
    onError: (error, job) => logger.error({ fileId: job?.fileId, stack: framesOf(error) }, 'job failed'),
  });
  stack.defer(() => worker.close());
  const http = await createHttp({
    version,
    logger,
    trustProxy: config.TRUST_PROXY,
    corsOrigins: config.CORS_ORIGINS,
    limits,
    requestsPerMinute: config.RATE_LIMIT_PER_MINUTE,
    transfersPerMinute: config.TRANSFER_LIMIT_PER_MINUTE,
    health: () => look(db, config.DATA_DIR),
    authenticate,
    login,
    refresh,
    clients,
    clientLogin,
    oauth,
    publicUrl: config.PUBLIC_URL,
    registrations,
    users,
    invitations,
    passkeys,
    identities,
    loginWays: {
      registration: config.REGISTRATION,
      oidc: openId && { name: config.OIDC_NAME, registration: config.OIDC_REGISTRATION },
    },
    home: publicUrl,
    secondFactors: createSecondFactors({ db, clock, codes, login, sessions, audit }),
    tickets,
    workspaces,
    workspaceAdmin,
    detectionSettings,
    audit,
    files,
    receive,
    reads,
    seenBy,
    events,
  });
  stack.defer(() => http.close());
  await worker.start();
  listening = await http.listen({ host: config.HOST, port: config.PORT });
  const resources = stack.move();
  return { url: listening, setupToken, close: () => resources.disposeAsync() };
}

/**
 * The operator's acts on the accounts, beside a running service or without one: nothing is locked, and nothing listens.
 * `name` is who has the machine, for the audit log.
 * @throws Problem `config_invalid`, `key_invalid`.
 */
export async function openOperator(config: Config, name: string): Promise<Operator & AsyncDisposable> {
  const clock = Date.now;
  const root = createLocalRootKeys(fernetKeysOf(config));
  const db = await openDatabase(config, await openDatabaseKey(join(config.DATA_DIR, 'database.key'), root));
  const secretKeys = listOf(config.SECRET_KEY);
  const accessTokens = createAccessTokens(secretKeys, config.ACCESS_TOKEN_EXPIRE_MINUTES, clock);
  const lifetimeDays = config.REFRESH_TOKEN_EXPIRE_DAYS;
  const audit = createAudit(db, clock);
  const operator = createOperator({
    db,
    passwords: createPasswords(config.BCRYPT_COST),
    sessions: createSessions({ db, accessTokens, secretKeys, lifetimeDays, clock, audit }),
    codes: createFactorCodes({ db, root, clock }),
    challenges: createChallenges(db, clock),
    audit,
    name,
  });
  return { ...operator, [Symbol.asyncDispose]: () => db.close() };
}

/** Makes the administrator whom the settings name; the set-up token when they name none and there is none. */
async function makeFirstAdmin(config: Config, setup: Setup, registrations: Registrations): Promise<string | null> {
  const { ADMIN_USERNAME: username, ADMIN_PASSWORD: password, ADMIN_EMAIL: email } = config;
  if (setup.token === null || username === '') return setup.token;
  const registration = { username, password, email: email || `${username}@localhost`, full_name: '' };
  try {
    await registrations.setUp(setup.token, registration, { address: '', userAgent: '' });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Problem('config_invalid', `ADMIN_USERNAME cannot be made the administrator. ${error.detail}`, {
      cause: error,
    });
  }
  return null;
}

function fernetKeysOf({ ENCRYPTION_KEY }: Config): Uint8Array[] {
  try {
    return ENCRYPTION_KEY.split(',').map((text) => parseFernetKey(text.trim()));
  } catch (error) {
    throw new Problem('config_invalid', `ENCRYPTION_KEY is not valid. ${(error as Problem).detail}`, { cause: error });
  }
}

async function openDatabase({ DATABASE_URL: url, DATA_DIR }: Config, key: Uint8Array): Promise<Database> {
  const path = /^sqlite(?:\+\w+)?:\/\/\/(.+)$/.exec(url)?.[1];
  if (path === undefined) {
    throw new Problem(
      'config_invalid',
      `DATABASE_URL must begin with sqlite:/// (this version has no other database yet). The default is sqlite:///${DATA_DIR}/files.db`,
    );
  }
  return openSqliteDatabase(path, key);
}

function openProvider(config: Config, clock: Clock, onRefusal: (code: string) => void): OpenId | null {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = config;
  if (issuer === '') return null;
  const scopes = config.OIDC_SCOPES.split(/\s+/).filter(Boolean);
  return createOpenId({ issuer, clientId, clientSecret, scopes }, clock, onRefusal);
}

async function openLimits({ REDIS_URL: url }: Config, clock: Clock, onError: (error: Error) => void): Promise<Limits> {
  const memory = createMemoryLimits(clock);
  if (url === '') return memory;
  const { createRedisLimits } = await import('./backends/limits/redis.ts');
  return createRedisLimits(url, memory, onError);
}

async function look(db: Database, dataDir: string) {
  const database: State = { kind: db.kind, status: await up(db.check()) };
  const storage: State = { kind: 'disk', status: await up(access(dataDir, constants.W_OK)) };
  return { database, storage, queue: { kind: 'database', status: database.status } };
}

const up = (work: Promise<unknown>): Promise<State['status']> =>
  work.then(
    () => 'ok',
    () => 'down',
  );
