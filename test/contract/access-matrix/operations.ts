import type { Things } from './things.ts';

/** Who asks. All but the stranger and the operator are of one workspace; the operator is an administrator there too. */
export const CAST = ['stranger', 'viewer', 'other', 'owner', 'admin', 'operator', 'reader'] as const;

/** One of them. */
export type Role = (typeof CAST)[number];

/** What they are answered: `2` is any success, else the very status. */
export type Verdict = Readonly<Record<Role, number>>;

/** One operation: what is sent, and what each of the cast must be answered. */
export interface Operation {
  readonly verdict: Verdict;
  readonly path?: (things: Things) => Record<string, string>;
  readonly query?: (things: Things) => Record<string, string>;
  readonly body?: (things: Things) => unknown;
  /** A file is sent in this field of a form. */
  readonly file?: 'file' | 'files';
  /** Uses up what it is asked about, or who asks: each call gets one of its own. */
  readonly spends?: 'things' | 'caller';
}

const all = (status: number): Verdict => ({
  stranger: status,
  viewer: status,
  other: status,
  owner: status,
  admin: status,
  operator: status,
  reader: status,
});

/** Everyone by their own login; a client has no account of its own to change. */
const ownAccount = (status = 2): Verdict => ({ ...all(status), reader: 403 });

const fileRead: Verdict = { ...all(2), stranger: 404, viewer: 404, other: 404 };
const fileReveal: Verdict = { ...fileRead, reader: 403 };
const fileChange = (status = 2): Verdict => ({ ...all(status), stranger: 404, viewer: 404, other: 404, reader: 403 });

/** Administrators; the stranger is one too, of another workspace. */
const admins = (foreign: number, status = 2): Verdict => ({
  ...all(403),
  stranger: foreign,
  admin: status,
  operator: status,
});

const upload: Verdict = { ...all(2), viewer: 403, reader: 403 };

const file = { path: ({ fileId }: Things) => ({ file_id: fileId }) };
const dataset = { path: ({ datasetId }: Things) => ({ dataset_id: datasetId }) };
/** Who runs the service; the workspace is the default one. */
const operators = (status = 2): Verdict => ({ ...all(403), operator: status });

const workspace = { path: ({ workspaceId }: Things) => ({ workspace_id: workspaceId }) };
const user = { path: ({ userId }: Things) => ({ user_id: userId }) };
const client = { path: ({ clientId }: Things) => ({ client_id: clientId }) };

/** Of the form of a new passkey's answer, and nothing more. */
const passkey = {
  id: 'AAAA',
  rawId: 'AAAA',
  type: 'public-key',
  clientExtensionResults: {},
  response: { clientDataJSON: 'AAAA', attestationObject: 'AAAA' },
};

/** Every operation of the OpenAPI document that needs a token. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  // who asks
  getMe: { verdict: { ...all(2), reader: 404 } },
  getCaller: { verdict: all(2) },
  getSecureData: { verdict: all(2) },
  getProfile: { verdict: all(2) },
  changeMe: { verdict: ownAccount(), body: () => ({ full_name: 'Somebody' }) },
  changePassword: {
    verdict: ownAccount(),
    spends: 'caller',
    body: ({ password }) => ({ current_password: password, new_password: 'quite another passphrase' }),
  },
  deleteMe: { verdict: ownAccount(), spends: 'caller' },
  logout: { verdict: all(2), spends: 'caller' },
  endOwnSession: { verdict: all(2), spends: 'caller' },
  confirm: { verdict: ownAccount(), body: ({ password }) => ({ password }) },
  listSessions: { verdict: ownAccount() },
  endSessions: { verdict: ownAccount(), spends: 'caller', query: () => ({ everywhere: 'true' }) },
  endSession: {
    verdict: { ...all(404), owner: 2, reader: 403 },
    spends: 'things',
    path: ({ sessionId }) => ({ session_id: sessionId }),
  },
  switchWorkspace: {
    verdict: { ...ownAccount(), stranger: 404 },
    body: ({ workspaceId }) => ({ workspace_id: workspaceId }),
  },
  getSecondFactor: { verdict: ownAccount() },
  listIdentities: { verdict: ownAccount() },
  linkIdentity: { verdict: ownAccount(404) },
  unlinkIdentity: { verdict: ownAccount(404), path: () => ({ identity_id: 'AAAA' }) },
  startTotp: { verdict: ownAccount() },
  confirmTotp: { verdict: ownAccount(401), body: () => ({ code: '000000' }) },
  deleteTotp: { verdict: ownAccount(404), body: () => ({ code: '000000' }) },
  renewRecoveryCodes: { verdict: ownAccount(404) },
  listPasskeys: { verdict: ownAccount() },
  getNewPasskeyOptions: { verdict: ownAccount() },
  addPasskey: {
    verdict: ownAccount(401),
    body: () => ({ name: 'a', response: passkey }),
  },
  renamePasskey: { verdict: ownAccount(404), path: () => ({ passkey_id: 'AAAA' }), body: () => ({ name: 'a' }) },
  deletePasskey: { verdict: ownAccount(404), path: () => ({ passkey_id: 'AAAA' }) },

  // users
  listUsers: { verdict: admins(2) },
  getUser: { verdict: admins(404), ...user },
  changeUser: { verdict: admins(404), spends: 'things', ...user, body: () => ({ role: 'admin', may_reveal: true }) },
  deleteUser: { verdict: admins(404), spends: 'things', ...user },
  endUserSessions: { verdict: admins(404), spends: 'things', ...user },
  resetSecondFactor: { verdict: admins(404), spends: 'things', ...user },
  invite: { verdict: admins(2), body: () => ({ role: 'admin' }) },
  listInvitations: { verdict: admins(2) },
  withdrawInvitation: {
    verdict: admins(404),
    spends: 'things',
    path: ({ invitationId }) => ({ invitation_id: invitationId }),
  },
  acceptInvitation: { verdict: ownAccount(401), body: () => ({ token: 'no such invitation' }) },

  // workspaces
  listWorkspaces: { verdict: all(2) },
  getCurrentWorkspace: { verdict: all(2) },
  changeCurrentWorkspace: { verdict: admins(2), body: () => ({ shared_files: false }) },
  getDetection: { verdict: all(2) },
  setDetection: { verdict: admins(2), body: () => ({ policy: {} }) },
  createWorkspace: { verdict: operators(), body: () => ({ name: 'one more' }) },
  getWorkspace: { verdict: { ...all(2), stranger: 404 }, ...workspace },
  changeWorkspace: { verdict: operators(), ...workspace, body: () => ({ max_files: null }) },
  deleteWorkspace: { verdict: operators(409), ...workspace },

  // clients
  createClient: { verdict: admins(2), body: () => ({ name: 'a', scopes: ['files:read'] }) },
  listClients: { verdict: admins(2) },
  getClient: { verdict: admins(404), ...client },
  changeClient: { verdict: admins(404), ...client, body: () => ({ name: 'another name' }) },
  rotateClient: { verdict: admins(404), ...client, body: () => ({ overlap_hours: 1 }) },
  revokeClient: { verdict: admins(404), spends: 'things', ...client },
  introspectToken: { verdict: admins(2), body: () => ({ token: 'anything' }) },

  // files
  uploadFile: { verdict: upload, file: 'file' },
  upload: { verdict: upload, file: 'file' },
  uploadAndSave: { verdict: upload, file: 'file' },
  uploadMultiple: { verdict: upload, file: 'files' },
  uploadCsv: { verdict: upload, file: 'file' },
  listFiles: { verdict: all(2) },
  searchFiles: { verdict: all(2), query: () => ({ q: 'matrix' }) },
  getStats: { verdict: all(2) },
  getProgress: { verdict: fileRead, ...file },
  getFile: { verdict: fileRead, ...file },
  downloadByName: { verdict: { ...all(404), owner: 2 }, path: () => ({ filename: 'matrix-secret.csv' }) },
  downloadFile: { verdict: fileReveal, ...file },
  cancelFile: { verdict: fileChange(), ...file },
  parseFile: { verdict: fileChange(409), ...file },
  deleteFile: { verdict: fileChange(), spends: 'things', ...file },
  createTicket: { verdict: fileRead, body: ({ fileId }) => ({ file_id: fileId }) },
  listEvents: { verdict: all(2) },
  listFileEvents: { verdict: fileRead, ...file },

  // datasets
  getDataset: { verdict: fileRead, ...dataset },
  getRows: { verdict: fileRead, ...dataset },
  queryRows: { verdict: fileRead, ...dataset, body: () => ({}) },
  exportCsv: { verdict: fileRead, ...dataset },
  exportNewestCsv: { verdict: fileRead, query: ({ datasetId }) => ({ dataset_id: datasetId }) },
  getRejects: { verdict: fileRead, ...dataset },

  // audit and keys
  listAudit: { verdict: admins(2) },
  exportAudit: { verdict: admins(2) },
  verifyAudit: { verdict: admins(2) },
  whoSawRow: { verdict: admins(404), query: ({ datasetId }) => ({ dataset_id: datasetId, row: '1' }) },
  whoSawValue: { verdict: admins(2), body: ({ sealedValue }) => ({ value: sealedValue }) },
  exportKeys: { verdict: admins(2), body: () => ({ reason: 'the matrix' }) },
};

/** Reads of plain values, which are the same operations with `level=plain`. */
export const REVEALS: Readonly<Record<string, Operation>> = {
  getFile: { verdict: fileReveal, ...file, query: () => ({ level: 'plain' }) },
  getRows: { verdict: fileReveal, ...dataset, query: () => ({ level: 'plain' }) },
  exportCsv: { verdict: fileReveal, ...dataset, query: () => ({ level: 'plain' }) },
  getRejects: { verdict: fileReveal, ...dataset, query: () => ({ level: 'plain' }) },
  queryRows: {
    verdict: fileReveal,
    ...dataset,
    body: ({ sealedValue }) => ({ where: [{ column: 'aadhaar', op: 'eq', value: sealedValue }] }),
  },
};

/** Those that answer without a token. */
export const PUBLIC: readonly string[] = [
  'getHealth',
  'setUp',
  'register',
  'login',
  'loginSecondFactor',
  'loginWithKey',
  'loginPasskey',
  'getPasskeyOptions',
  'refresh',
  'refreshToken',
  'issueToken',
  'revokeToken',
  'getOAuthMetadata',
  'getLoginOptions',
  'goToProvider',
  'startOidc',
  'returnFromProvider',
  'loginOidc',
];
