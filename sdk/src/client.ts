import { type Download, type DownloadOptions, download, stream } from './download.ts';
import { IntaktError } from './errors.ts';
import type {
  AuditVerdict,
  Caller,
  Dataset,
  DetectionSettings,
  File,
  FileContent,
  FileList,
  FilePending,
  Identity,
  Passkey,
  Progress,
  RegisteredClient,
  RegisteredClientWithKey,
  RowPage,
  RowSeen,
  Stats,
  User,
  ValueSeen,
  Workspace,
  WorkspaceDetail,
} from './schema.ts';
import { createSession, type Session, type TokenKeeping, type Tokens } from './session.ts';
import { type Answer, createTransport, type Fetch, type Input } from './transport.ts';
import { type Upload, type UploadOptions, upload } from './upload.ts';
import { type FileUpdate, type WatchOptions, watch } from './watch.ts';

export { IntaktError } from './errors.ts';
export { createOpener, type Opener } from './fernet.ts';
export type * from './schema.ts';
export type { Download, DownloadOptions, FileUpdate, Tokens, Upload, UploadOptions, WatchOptions };

/** Where the service is, and how the tokens are kept. */
export interface ClientOptions extends TokenKeeping {
  /** Of the service, such as `https://intakt.example`; `/v1` is added. */
  readonly url: string;
  /** In place of the platform's own. */
  readonly fetch?: Fetch | undefined;
}

type Query<
  N extends
    | 'exportAudit'
    | 'getFile'
    | 'listWorkspaces'
    | 'getRows'
    | 'getRejects'
    | 'listFiles'
    | 'searchFiles'
    | 'listUsers'
    | 'listClients'
    | 'listAudit',
> = NonNullable<Input<N>['query']>;
/** The page of a listing, and which items. */
export type FileQuery = Query<'listFiles'>;
/** Which rows, which columns, and how sealed values are shown. */
export type RowQuery = Query<'getRows'>;
/** Which page of a listing. */
export type PageQuery = Pick<Query<'listAudit'>, 'limit' | 'offset'>;
/** Conditions, order and page. */
export type Conditions = Input<'queryRows'>['body'];

/**
 * A client of one service for one login. An access token that has expired is renewed by itself, once for all requests
 * that wait for it. Every method throws `IntaktError`; every `signal` aborts.
 */
export interface Client {
  /** The tokens in use. */
  tokens(): Tokens | null;
  register(user: Input<'register'>['body']): Promise<User>;
  /** Makes the first administrator, with the token that the service prints at its start. */
  setUp(token: string, user: Omit<Input<'setUp'>['body'], 'token'>): Promise<User>;
  /**
   * Logs in; the tokens are this client's from then on. Who has a second factor gives a code as well; without it the
   * error is `second_factor_required`, with `challenge` and `methods` in its `extra`.
   */
  login(username: string, password: string, code?: string): Promise<void>;
  /** The second step of a login, with the challenge of the first and a code or what a passkey has answered. */
  loginSecondFactor(step: Input<'loginSecondFactor'>['body']): Promise<void>;
  /** What `parseRequestOptionsFromJSON` takes, to ask a browser for a passkey. */
  passkeyOptions(): Promise<Answer<'getPasskeyOptions'>>;
  /** Logs in with what a passkey has answered to `passkeyOptions`. */
  loginPasskey(response: Input<'loginPasskey'>['body']['response']): Promise<void>;
  /** Which ways to log in there are, and who may register. */
  loginOptions(): Promise<Answer<'getLoginOptions'>>;
  /** Where to send this browser to log in with the OpenID provider. */
  startOidc(invitation?: string): Promise<string>;
  /** Logs in with the code that this browser came back with. */
  loginOidc(code: string): Promise<void>;
  /** Proves anew who the caller is, before a sensitive change. */
  confirm(proof: Input<'confirm'>['body']): Promise<void>;
  /** Logs in a client, a program with a key of its own. */
  loginWithKey(clientKey: string): Promise<void>;
  /**
   * Ends the session at the service, with its sockets and refresh tokens, and forgets the tokens here. They are forgotten
   * in any case: `false` says that the service could not be told, so that the session ends there by itself only.
   */
  logout(): Promise<boolean>;
  /** Forgets the tokens here alone. */
  forget(): Promise<void>;
  me(): Promise<User>;
  /** Who asks, user or client. */
  caller(): Promise<Caller>;
  readonly users: {
    list(query?: Query<'listUsers'>): Promise<Answer<'listUsers'>>;
    change(userId: string, change: Input<'changeUser'>['body']): Promise<User>;
  };
  readonly secondFactor: {
    get(): Promise<Answer<'getSecondFactor'>>;
    /** A secret for an authenticator app, told once. */
    start(): Promise<Answer<'startTotp'>>;
    /** Turns it on with the first code; the recovery codes, told once. */
    turnOn(code: string): Promise<string[]>;
    turnOff(code: string): Promise<void>;
    /** Ten new recovery codes in place of the old ones. */
    renewRecoveryCodes(): Promise<string[]>;
    /** Takes away what a user has lost, passkeys among it. For administrators. */
    reset(userId: string): Promise<void>;
  };
  readonly passkeys: {
    list(): Promise<Passkey[]>;
    /** What `parseCreationOptionsFromJSON` takes, to have a browser make one. */
    options(): Promise<Answer<'getNewPasskeyOptions'>>;
    add(name: string, response: Input<'addPasskey'>['body']['response']): Promise<Passkey>;
    rename(passkeyId: string, name: string): Promise<Passkey>;
    remove(passkeyId: string): Promise<void>;
  };
  readonly identities: {
    list(): Promise<Identity[]>;
    /** Where to send this browser to link the caller to their identity at the OpenID provider. */
    link(): Promise<string>;
    unlink(identityId: string): Promise<void>;
  };
  /** Programs that log in with a key of their own. For administrators. */
  readonly clients: {
    list(query?: Query<'listClients'>): Promise<Answer<'listClients'>>;
    get(clientId: string): Promise<RegisteredClient>;
    /** The key in the answer is told this once. */
    create(client: Input<'createClient'>['body']): Promise<RegisteredClientWithKey>;
    change(clientId: string, change: Input<'changeClient'>['body']): Promise<RegisteredClient>;
    /** Another key; those it has, and what they began, end after so many hours, at once for 0. */
    rotate(clientId: string, overlapHours?: number): Promise<RegisteredClientWithKey>;
    revoke(clientId: string): Promise<void>;
  };
  readonly workspaces: {
    /** The caller's; all of them for whoever runs the service. */
    list(query?: Query<'listWorkspaces'>): Promise<Answer<'listWorkspaces'>>;
    /** What a workspace holds and may hold; the current one unless another is named. */
    get(workspaceId?: string): Promise<WorkspaceDetail>;
    /** For administrators of the current one. */
    changeCurrent(change: Input<'changeCurrentWorkspace'>['body']): Promise<Workspace>;
    /** This and the rest is for whoever runs the service. */
    create(workspace: Input<'createWorkspace'>['body']): Promise<Workspace>;
    change(workspaceId: string, change: Input<'changeWorkspace'>['body']): Promise<Workspace>;
    /** Removes it with all its files, rows, keys, clients and memberships. */
    remove(workspaceId: string): Promise<void>;
  };
  /** What is looked for in the files of the workspace, and what becomes of it. */
  readonly detection: {
    get(): Promise<DetectionSettings>;
    /** Replaces all of it, for files parsed from now on. For administrators. */
    set(settings: Input<'setDetection'>['body']): Promise<DetectionSettings>;
  };
  /** Goes on in another of the caller's workspaces. */
  switchWorkspace(workspaceId: string): Promise<void>;
  /**
   * Sends a file; memory does not grow with it. Resolves when the service holds it durably: with its rows when
   * `wait` was given and they are ready, else to be followed with `watch`. In a browser give a `Blob` or `File`.
   */
  upload(file: Upload, options?: UploadOptions): Promise<FileContent | FilePending>;
  readonly files: {
    list(query?: FileQuery, signal?: AbortSignal): Promise<FileList>;
    search(q: string, query?: FileQuery, signal?: AbortSignal): Promise<FileList>;
    stats(): Promise<Stats>;
    /** The file with a page of rows, or without while it is being parsed. */
    get(fileId: string, query?: Query<'getFile'>, signal?: AbortSignal): Promise<FileContent | FilePending>;
    remove(fileId: string): Promise<void>;
    cancel(fileId: string): Promise<File>;
    /** Parses a file that has failed once more, with the password that opens it where it needs one. */
    parseAgain(fileId: string, password?: string): Promise<File>;
  };
  progress(fileId: string): Promise<Progress>;
  /**
   * Everything that happens to a file, each event once and in order, until it is ready or has failed; earlier failures
   * of a file that is parsed again are among it. Goes on by itself after a lost connection, and by polling where there
   * are no sockets.
   */
  watch(fileId: string, options?: WatchOptions): AsyncGenerator<FileUpdate, void, void>;
  dataset(datasetId: string): Promise<Dataset>;
  page(datasetId: string, query?: RowQuery, signal?: AbortSignal): Promise<RowPage>;
  /** Page after page from `offset` on, `limit` rows (default 1,000) at a time. */
  rows(datasetId: string, query?: RowQuery, signal?: AbortSignal): AsyncGenerator<RowPage, void, void>;
  /** A page of the rows that meet conditions. */
  query(datasetId: string, conditions: Conditions, signal?: AbortSignal): Promise<RowPage>;
  /** All rows as CSV, as they come. */
  exportCsv(
    datasetId: string,
    query?: Input<'exportCsv'>['query'],
    signal?: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>>;
  rejects(datasetId: string, query?: Query<'getRejects'>, signal?: AbortSignal): Promise<Answer<'getRejects'>>;
  /** A page with plain values. Written to the audit log with the reason before it is answered. */
  reveal(datasetId: string, reason: string, query?: RowQuery): Promise<RowPage>;
  /** The original bytes, or a range of them. */
  download(fileId: string, options?: DownloadOptions): Promise<Download>;
  audit(query?: Query<'listAudit'>): Promise<Answer<'listAudit'>>;
  /** All audit entries, oldest first, as lines of JSON (or CSV), as they come. */
  exportAudit(query?: Query<'exportAudit'>, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** Whether the chain of audit entries holds, as the service sees it. */
  verifyAudit(): Promise<AuditVerdict>;
  /** Who was given a row plain. */
  whoSawRow(datasetId: string, row: number, query?: PageQuery): Promise<RowSeen>;
  /** Who was given a value of a sealed column plain, and where it is. That it was asked is in the audit log. */
  whoSawValue(value: string, query?: PageQuery & { dataset_id?: string | undefined }): Promise<ValueSeen>;
  /** The workspace's Fernet keys, newest first. Written to the audit log with the reason. */
  exportKeys(reason: string): Promise<string[]>;
}

const MOST_ROWS = 1000;
const LOGOUT_MS = 10_000;

/** A client of the service at `url`; sends nothing by itself. */
export function createClient({
  url: given,
  fetch = (to, init) => globalThis.fetch(to, init),
  ...keeping
}: ClientOptions): Client {
  const url = given.replace(/\/+$/, '');
  const transport = createTransport(url, fetch, () => session);
  const { call } = transport;
  const session: Session = createSession(keeping, (refresh_token) =>
    call('refresh', { body: { refresh_token } }, { open: true }),
  );
  const page: Client['page'] = (dataset_id, query, signal) =>
    call('getRows', { params: { dataset_id }, query }, { signal });
  const ofFile = (file_id: string) => ({ params: { file_id } });

  return {
    tokens: session.current,
    register: (body) => call('register', { body }, { open: true }),
    setUp: (token, user) => call('setUp', { body: { ...user, token } }, { open: true }),
    login: async (username, password, code) =>
      session.take(await call('login', { body: { username, password, code } }, { open: true })),
    loginSecondFactor: async (body) => session.take(await call('loginSecondFactor', { body }, { open: true })),
    passkeyOptions: () => call('getPasskeyOptions', {}, { open: true }),
    loginPasskey: async (response) => session.take(await call('loginPasskey', { body: { response } }, { open: true })),
    loginOptions: () => call('getLoginOptions', {}, { open: true }),
    startOidc: async (invitation) =>
      (await call('startOidc', { body: { invitation } }, { open: true })).authorization_url,
    loginOidc: async (code) => session.take(await call('loginOidc', { body: { code } }, { open: true })),
    confirm: (body) => call('confirm', { body }),
    loginWithKey: async (client_key) =>
      session.take(await call('loginWithKey', { body: { client_key } }, { open: true })),
    async logout() {
      try {
        await call('logout', {}, { signal: AbortSignal.timeout(LOGOUT_MS) });
        return true;
      } catch (error) {
        // A session that is over has been ended already.
        return error instanceof IntaktError && error.status === 401;
      } finally {
        await session.take(null);
      }
    },
    forget: () => session.take(null),
    me: () => call('getMe', {}),
    caller: () => call('getCaller', {}),
    users: {
      list: (query) => call('listUsers', { query }),
      change: (user_id, body) => call('changeUser', { params: { user_id }, body }),
    },
    secondFactor: {
      get: () => call('getSecondFactor', {}),
      start: () => call('startTotp', {}),
      turnOn: async (code) => (await call('confirmTotp', { body: { code } })).recovery_codes,
      turnOff: (code) => call('deleteTotp', { body: { code } }),
      renewRecoveryCodes: async () => (await call('renewRecoveryCodes', {})).recovery_codes,
      reset: (user_id) => call('resetSecondFactor', { params: { user_id } }),
    },
    passkeys: {
      list: async () => (await call('listPasskeys', {})).items,
      options: () => call('getNewPasskeyOptions', {}),
      add: (name, response) => call('addPasskey', { body: { name, response } }),
      rename: (passkey_id, name) => call('renamePasskey', { params: { passkey_id }, body: { name } }),
      remove: (passkey_id) => call('deletePasskey', { params: { passkey_id } }),
    },
    identities: {
      list: async () => (await call('listIdentities', {})).items,
      link: async () => (await call('linkIdentity', {})).authorization_url,
      unlink: (identity_id) => call('unlinkIdentity', { params: { identity_id } }),
    },
    clients: {
      list: (query) => call('listClients', { query }),
      get: (client_id) => call('getClient', { params: { client_id } }),
      create: (body) => call('createClient', { body }),
      change: (client_id, body) => call('changeClient', { params: { client_id }, body }),
      rotate: (client_id, overlap_hours) => call('rotateClient', { params: { client_id }, body: { overlap_hours } }),
      revoke: (client_id) => call('revokeClient', { params: { client_id } }),
    },
    workspaces: {
      list: (query) => call('listWorkspaces', { query }),
      get: (id) =>
        id === undefined ? call('getCurrentWorkspace', {}) : call('getWorkspace', { params: { workspace_id: id } }),
      changeCurrent: (body) => call('changeCurrentWorkspace', { body }),
      create: (body) => call('createWorkspace', { body }),
      change: (workspace_id, body) => call('changeWorkspace', { params: { workspace_id }, body }),
      remove: (workspace_id) => call('deleteWorkspace', { params: { workspace_id } }),
    },
    detection: {
      get: () => call('getDetection', {}),
      set: (body) => call('setDetection', { body }),
    },
    switchWorkspace: async (workspace_id) => session.take(await call('switchWorkspace', { body: { workspace_id } })),
    upload: (file, options = {}) => upload(transport, file, options),
    files: {
      list: (query, signal) => call('listFiles', { query }, { signal }),
      search: (q, query, signal) => call('searchFiles', { query: { ...query, q } }, { signal }),
      stats: () => call('getStats', {}),
      get: (fileId, query, signal) => call('getFile', { ...ofFile(fileId), query }, { signal }),
      remove: (fileId) => call('deleteFile', ofFile(fileId)),
      cancel: (fileId) => call('cancelFile', ofFile(fileId)),
      parseAgain: (fileId, password) =>
        call('parseFile', { ...ofFile(fileId), body: password === undefined ? null : { password } }),
    },
    progress: (fileId) => call('getProgress', ofFile(fileId)),
    watch: (fileId, options = {}) => watch(transport, url, fileId, options),
    dataset: (dataset_id) => call('getDataset', { params: { dataset_id } }),
    page,
    rows: (datasetId, query, signal) =>
      pages((offset, limit) => page(datasetId, { ...query, offset, limit }, signal), query),
    query: (dataset_id, body, signal) => call('queryRows', { params: { dataset_id }, body }, { signal }),
    exportCsv: (datasetId, query, signal) =>
      stream(transport, `/datasets/${encodeURIComponent(datasetId)}/export`, query, signal),
    rejects: (dataset_id, query, signal) => call('getRejects', { params: { dataset_id }, query }, { signal }),
    reveal: (datasetId, reason, query) => page(datasetId, { ...query, level: 'plain', reason }),
    download: (fileId, options = {}) => download(transport, fileId, options),
    audit: (query) => call('listAudit', { query }),
    exportAudit: (query, signal) => stream(transport, '/audit/export', query, signal),
    verifyAudit: () => call('verifyAudit', {}),
    whoSawRow: (dataset_id, row, query) => call('whoSawRow', { query: { ...query, dataset_id, row } }),
    whoSawValue: (value, query) => call('whoSawValue', { body: { ...query, value } }),
    exportKeys: async (reason) => (await call('exportKeys', { body: { reason } })).fernet_keys,
  };
}

async function* pages(
  read: (offset: number, limit: number) => Promise<RowPage>,
  { offset = 0, limit = MOST_ROWS }: RowQuery = {},
): AsyncGenerator<RowPage, void, void> {
  for (let from = offset; ; from += limit) {
    const one = await read(from, limit);
    if (one.rows.length > 0) yield one;
    if (from + one.rows.length >= one.total || one.rows.length === 0) return;
  }
}
