import Type, { type Static, type TNumberOptions, type TSchema } from 'typebox';
import { problemTable } from '../core/problem.ts';
import { COLUMN_TYPES, SENSITIVE_KINDS, TEXT_WITH_IDENTIFIERS } from '../infer/profile.ts';

/** A schema that the OpenAPI document names and the SDK has a type for. */
export const named = <S extends TSchema>(title: string, schema: S): S => Object.assign(schema, { title });
/** What may be null. */
export const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const id = (what: string) => Type.String({ description: `Identifier of the ${what}.`, maxLength: 64 });
const time = () => Type.String({ format: 'date-time' });
const listOf = <S extends TSchema>(item: S) =>
  Type.Object({ items: Type.Array(item), total: Type.Integer(), limit: Type.Integer(), offset: Type.Integer() });

/** An error, RFC 9457. */
export const Problem = named(
  'Problem',
  Type.Object({
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What happened and what to do.' }),
    code: Type.String({ description: `Stable code: ${Object.keys(problemTable).join(', ')}.` }),
    instance: Type.String(),
  }),
);

/** What a user is in a workspace. */
export const Role = Type.Union([Type.Literal('admin'), Type.Literal('member'), Type.Literal('viewer')]);

/** A user, never with a secret. */
export const User = named(
  'User',
  Type.Object({
    user_id: id('user'),
    username: Type.String(),
    email: Type.String(),
    full_name: Type.String(),
    role: Role,
    may_reveal: Type.Boolean({ description: 'Whether sealed values may be seen as plain text.' }),
    active: Type.Boolean(),
    operator: Type.Boolean({ description: 'Whether they run the service: make workspaces, set quotas.' }),
    workspace_id: id('workspace'),
    created_at: time(),
    last_login_at: nullable(time()),
  }),
);

/** A text that is not empty. */
export const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });

/** A password as it is sent; what it must be is said when it is set. */
export const Password = text(1000);

/** A code of a second factor as it is sent. */
export const Code = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'Six digits of an authenticator app, or a recovery code.',
});

/** What a new user says of themselves. */
export const Registration = {
  username: text(64),
  email: text(254),
  full_name: Type.String({ maxLength: 200, default: '' }),
  password: Password,
};

/** No body. */
export const noContent = Type.Null();

/** One of the caller's sessions. */
export const Session = named(
  'Session',
  Type.Object({
    session_id: id('session'),
    current: Type.Boolean({ description: 'Whether it is the one that asks.' }),
    methods: Type.Array(Type.String(), { description: 'How its owner signed in: pwd, otp, recovery, passkey, fed.' }),
    scopes: nullable(Type.Array(Type.String(), { description: 'What it is held to.' })),
    address: Type.String(),
    user_agent: Type.String(),
    created_at: time(),
    last_used_at: time(),
    expires_at: time(),
  }),
);

/** All sessions of the caller. */
export const SessionList = named('SessionList', Type.Object({ items: Type.Array(Session) }));

/** One of the caller's passkeys. */
export const Passkey = named(
  'Passkey',
  Type.Object({
    passkey_id: id('passkey'),
    name: Type.String(),
    created_at: time(),
    last_used_at: nullable(time()),
  }),
);

/** An identity at an OpenID provider. */
export const Identity = named(
  'Identity',
  Type.Object({ identity_id: id('identity'), issuer: Type.String(), subject: Type.String(), created_at: time() }),
);

/** An invitation to the workspace, without its token. */
export const Invitation = named(
  'Invitation',
  Type.Object({
    invitation_id: id('invitation'),
    email: nullable(Type.String()),
    role: Role,
    may_reveal: Type.Boolean(),
    invited_by: id('user'),
    created_at: time(),
    expires_at: time(),
    status: Type.Union([Type.Literal('open'), Type.Literal('accepted'), Type.Literal('expired')]),
  }),
);

const client = {
  client_id: id('client'),
  name: Type.String(),
  role: Role,
  scopes: Type.Array(Type.String(), { description: 'What it may do.' }),
  networks: Type.Array(Type.String(), { description: 'Where it may come from; none for anywhere.' }),
  status: Type.Union([Type.Literal('active'), Type.Literal('expired'), Type.Literal('revoked')]),
  keys: Type.Array(
    Type.Object({
      hint: Type.String({ description: 'First characters of the key.' }),
      created_at: time(),
      expires_at: nullable(time()),
    }),
    { description: 'The keys that are good, newest first.' },
  ),
  created_by: Type.String({ description: 'Identifier of the user or client that made it.' }),
  created_at: time(),
  expires_at: nullable(time()),
  last_used_at: nullable(time()),
  revoked_at: nullable(time()),
};

/** A program that logs in with a key of its own; never with a key. */
export const Client = named('RegisteredClient', Type.Object(client));

/** A client and its new key. */
export const ClientWithKey = named(
  'RegisteredClientWithKey',
  Type.Object({ ...client, client_key: Type.String({ description: 'Told once.' }) }),
);

/** A page of clients. */
export const ClientList = named('RegisteredClientList', listOf(Client));

/** Who asks, user or client. */
export const Caller = named(
  'Caller',
  Type.Object({
    kind: Type.Union([Type.Literal('user'), Type.Literal('client')]),
    user_id: Type.String({ description: 'Identifier of the user or client.' }),
    name: Type.String({ description: 'The username, or the client’s name.' }),
    workspace_id: id('workspace'),
    role: Role,
    may_reveal: Type.Boolean({ description: 'Whether sealed values may be seen as plain text.' }),
    scopes: Type.Array(Type.String(), { description: 'What this session may do.' }),
  }),
);

/** What a login or refresh gives. */
export const TokenPair = named(
  'TokenPair',
  Type.Object({
    access_token: Type.String(),
    refresh_token: Type.String(),
    token_type: Type.Literal('bearer'),
    expires_in: Type.Integer({ description: 'Seconds until the access token expires.' }),
  }),
);

/** What is known of a column; never a value of it. */
export const Column = named(
  'Column',
  Type.Object({
    name: Type.String(),
    type: Type.String({
      description: `Decided over all rows; one of: ${COLUMN_TYPES.join(', ')}. docs/types.md describes each.`,
    }),
    unit: nullable(Type.String({ description: 'Of amounts the currency (ISO 4217, or the sign); of percentages %.' })),
    decimal_mark: nullable(Type.String({ description: 'What stands before a fraction in the file: . or ,' })),
    date_order: nullable(Type.String({ description: 'How dates are written in the file: ymd, dmy or mdy.' })),
    zone: nullable(
      Type.String({ description: 'Of timestamps: utc when all name their offset and are given in UTC; none.' }),
    ),
    ambiguous: nullable(
      Type.String({ description: 'Why a column that could be more is text: decimal_mark, grouping or date_order.' }),
    ),
    rows: Type.Integer(),
    empty: Type.Integer(),
    sealed: Type.Boolean(),
    sealed_by: nullable(Type.String({ description: 'detected, or asked by the sender.' })),
    masked: Type.Boolean({ description: 'Whether the values, or the identifiers in them, are masked for good.' }),
    sensitive: nullable(
      Type.Object({
        kind: Type.String({
          description: `One of: ${SENSITIVE_KINDS.join(', ')}, ${TEXT_WITH_IDENTIFIERS}; or the id of a taught kind. docs/detection.md describes each.`,
        }),
        share: Type.Number({ description: 'Share of the values that are of this kind, 0–1.' }),
        header: Type.Boolean({ description: 'Whether the column name says so too.' }),
        decision: Type.String({
          description:
            'seal: an identifier, and beyond doubt; mask: the same, by the policy masked for good; warn: sensitive, or perhaps so; none: no more than chance.',
        }),
        within: Type.Optional(
          Type.Array(Type.Object({ kind: Type.String(), cells: Type.Integer(), decision: Type.String() }), {
            description: 'Of texts with identifiers: which ones, and in how many cells.',
          }),
        ),
      }),
    ),
  }),
);

/** One table parsed out of a file. */
export const Dataset = named(
  'Dataset',
  Type.Object({
    dataset_id: id('dataset'),
    file_id: id('file'),
    position: Type.Integer({ description: 'Place in the file, from 1.' }),
    name: Type.String({ description: 'Name of the sheet, or of the file.' }),
    row_count: Type.Integer(),
    reject_count: Type.Integer(),
    columns: Type.Array(Column),
    dialect: Type.Record(Type.String(), Type.Unknown(), { description: 'How it was read.' }),
  }),
);

const Status = Type.Union([
  Type.Literal('uploading'),
  Type.Literal('processing'),
  Type.Literal('ready'),
  Type.Literal('failed'),
]);
const Phase = Type.Union([
  Type.Literal('receiving'),
  Type.Literal('queued'),
  Type.Literal('parsing'),
  Type.Literal('sealing'),
  Type.Literal('ready'),
  Type.Literal('failed'),
]);
const progress = {
  file_id: id('file'),
  status: Status,
  phase: Phase,
  progress: Type.Integer({ minimum: 0, maximum: 100, description: 'Never goes back.' }),
};

/** How far a file is. */
export const Progress = named('Progress', Type.Object(progress));

const file = {
  ...progress,
  filename: Type.String(),
  file_type: Type.String(),
  media_type: Type.String(),
  size: Type.Integer({ description: 'Bytes.' }),
  sha256: nullable(
    Type.String({ description: 'Of the original bytes, in hexadecimal; null for who may not reveal in the file.' }),
  ),
  owner_id: id('user'),
  row_count: nullable(Type.Integer({ description: 'Over all datasets; null until ready.' })),
  error: nullable(Type.Object({ code: Type.String(), detail: Type.String() }, { description: 'Why it failed.' })),
  created_at: time(),
  started_at: nullable(time()),
  finished_at: nullable(time()),
};

/** A file as it was uploaded and how far it is. */
export const File = named('File', Type.Object(file));

const cell = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const page = {
  columns: Type.Array(Type.String()),
  rows: Type.Array(Type.Record(Type.String(), cell)),
  row_numbers: Type.Array(Type.Integer(), { description: 'Number of each row in its dataset, from 1.' }),
  total: Type.Integer(),
  limit: Type.Integer(),
  offset: Type.Integer(),
};

/** A page of rows. */
export const RowPage = named('RowPage', Type.Object({ dataset_id: id('dataset'), ...page }));

/** A file, its datasets, and a page of the rows of one of them. */
export const FileContent = named(
  'FileContent',
  Type.Object({
    ...file,
    datasets: Type.Array(Dataset),
    dataset_id: nullable(Type.String({ description: 'The dataset that the rows are from.' })),
    ...page,
  }),
);

/** A file that is still being parsed. */
export const FilePending = named('FilePending', Type.Object({ ...file, message: Type.String() }));

/** A page of files. */
export const FileList = named(
  'FileList',
  Type.Object({ items: Type.Array(File), total: Type.Integer(), limit: Type.Integer(), offset: Type.Integer() }),
);

/** A page of users. */
export const UserList = named('UserList', listOf(User));

/** A page of invitations. */
export const InvitationList = named('InvitationList', listOf(Invitation));

const workspace = {
  workspace_id: id('workspace'),
  name: Type.String(),
  shared_files: Type.Boolean({ description: 'Whether every member may read every file.' }),
  role: Type.Union([Role, Type.Null()], { description: 'What the caller is there; null for nothing.' }),
  quotas: Type.Object(
    {
      max_bytes: nullable(Type.Integer()),
      max_files: nullable(Type.Integer()),
      max_rows: nullable(Type.Integer()),
      max_requests: nullable(Type.Integer({ description: 'A minute.' })),
    },
    { description: 'null where there is no bound.' },
  ),
  created_at: time(),
};

/** A workspace. */
export const Workspace = named('Workspace', Type.Object(workspace));

/** A workspace with what it holds. */
export const WorkspaceDetail = named(
  'WorkspaceDetail',
  Type.Object({
    ...workspace,
    usage: Type.Object({
      bytes: Type.Integer({ description: 'Of originals.' }),
      files: Type.Integer(),
      rows: Type.Integer(),
      requests: nullable(Type.Integer({ description: 'In this minute; null where there is no quota of them.' })),
    }),
  }),
);

/** A page of workspaces. */
export const WorkspaceList = named('WorkspaceList', listOf(Workspace));

/** Counts over files. */
export const Stats = named(
  'Stats',
  Type.Object({
    total_files: Type.Integer(),
    by_type: Type.Record(Type.String(), Type.Integer()),
    by_status: Type.Record(Type.String(), Type.Integer()),
    total_bytes: Type.Integer(),
    total_rows: Type.Integer(),
    processing_ms: Type.Object(
      { average: nullable(Type.Number()), min: nullable(Type.Number()), max: nullable(Type.Number()) },
      { description: 'From upload to ready, over the files that are ready.' },
    ),
  }),
);

/** What happened to a file. */
export const Event = named(
  'Event',
  Type.Object({
    event_id: Type.Integer({ description: 'Grows; go on from the last one seen.' }),
    file_id: id('file'),
    type: Type.Union([Type.Literal('status_update'), Type.Literal('progress_update')]),
    data: Type.Object({ status: Status, phase: Phase, progress: Type.Integer() }),
    at: time(),
  }),
);

/** Events after a cursor, and the cursor to go on from. */
export const EventList = named('EventList', Type.Object({ items: Type.Array(Event), next: Type.Integer() }));

/** Who did what. */
export const AuditEntry = named(
  'AuditEntry',
  Type.Object({
    entry_id: Type.Integer({ description: 'From 1, without a gap in its workspace.' }),
    workspace_id: id('workspace'),
    at: time(),
    actor_kind: Type.String({ description: 'user, client, nobody (not signed in) or system.' }),
    actor_id: nullable(Type.String()),
    actor: Type.String(),
    address: Type.String(),
    action: Type.String(),
    target: Type.String(),
    detail: Type.Record(Type.String(), Type.Unknown()),
    previous_hash: Type.String({ description: 'The hash of the entry before; empty for the first.' }),
    hash: Type.String({ description: 'SHA-256 of the other members as canonical JSON (RFC 8785), in hexadecimal.' }),
  }),
);

/** A page of audit entries. */
export const AuditList = named('AuditList', listOf(AuditEntry));

/** Whether the chain of audit entries holds. */
export const AuditVerdict = named(
  'AuditVerdict',
  Type.Object({
    entries: Type.Integer(),
    intact: Type.Boolean(),
    first_bad: nullable(Type.Integer({ description: 'The first entry that does not follow from the one before.' })),
    head: Type.String({ description: 'Hash of the newest entry. Keep it elsewhere: it tells when entries are gone.' }),
  }),
);

const seen = {
  items: Type.Array(AuditEntry),
  total: Type.Integer(),
  complete: Type.Boolean({ description: 'Whether everything was looked at; there are bounds.' }),
  limit: Type.Integer(),
  offset: Type.Integer(),
};

/** Who was given a row plain, newest first. */
export const RowSeen = named('RowSeen', Type.Object(seen));

/** Who was given a value plain, newest first, and where it is. */
export const ValueSeen = named(
  'ValueSeen',
  Type.Object({
    ...seen,
    matches: Type.Array(
      Type.Object({
        dataset_id: id('dataset'),
        file_id: id('file'),
        column: Type.String(),
        rows: Type.Array(Type.Array(Type.Integer()), { description: 'First and last number of each range.' }),
      }),
    ),
  }),
);

/** A row or cell that could not be taken. */
export const Reject = named(
  'Reject',
  Type.Object({
    row: Type.Integer({ description: 'Row in the file, from 1, the header counted.' }),
    column: nullable(Type.Integer({ description: 'Column from 1, when one cell is at fault.' })),
    code: Type.String(),
    detail: Type.String(),
    raw: Type.Optional(Type.String({ description: 'The row as it stood; only at level plain.' })),
  }),
);

/** A page of rejects. */
export const RejectList = named(
  'RejectList',
  Type.Object({ items: Type.Array(Reject), total: Type.Integer(), limit: Type.Integer(), offset: Type.Integer() }),
);

/** How sealed values are shown. */
export const Level = Type.Union([Type.Literal('token'), Type.Literal('mask'), Type.Literal('plain')], {
  default: 'token',
  description:
    'How sealed values are shown: as Fernet tokens, masked, or plain for those who may reveal (written to the audit log first).',
});
/** One of them. */
export type Level = Static<typeof Level>;

/** A whole number from `minimum` on: greater ones than JavaScript counts with are no integers to the database. */
export const wholeNumber = (minimum: number, options: TNumberOptions = {}) =>
  Type.Integer({ minimum, maximum: Number.MAX_SAFE_INTEGER, ...options });

/** Query parameters of a page. */
export const paging = (limit: number, most = 1000) => ({
  limit: Type.Integer({ minimum: 1, maximum: most, default: limit }),
  offset: wholeNumber(0, { default: 0 }),
});

/** The error answers that every protected operation can give, for the OpenAPI document. */
export const errors = { '4xx': Problem, '5xx': Problem };
