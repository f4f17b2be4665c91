import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Problem } from './core/problem.ts';

type Kind = 'text' | 'integer' | 'list';

interface Setting {
  readonly kind: Kind;
  /** Text as it would stand in the environment; `null` where there is no default. */
  readonly default: string | null;
  readonly secret?: true;
  readonly min?: number;
  readonly max?: number;
  readonly oneOf?: readonly string[];
  readonly help: string;
}

const setting = <K extends Kind>(kind: K, fallback: string | null, help: string, more: Partial<Setting> = {}) =>
  ({ kind, default: fallback, help, ...more }) as Setting & { kind: K };

const GiB = 1024 ** 3;

/** Every setting there is: name, kind, default, help. `docs/settings.md` is generated from this table. */
export const SETTINGS = {
  HOST: setting('text', '127.0.0.1', 'Address to listen on.'),
  PORT: setting('integer', '8000', 'Port to listen on; 0 takes a free one.', { min: 0, max: 65_535 }),
  PUBLIC_URL: setting(
    'text',
    '',
    'Where people reach the service, such as `https://intakt.example.org`: passkeys belong to its host, and an OpenID provider sends people back to it. Default: the address that it listens on.',
  ),
  DATA_DIR: setting('text', './data', 'Folder of all embedded state: database, files, datasets, generated secrets.'),
  DATABASE_URL: setting(
    'text',
    null,
    'Metadata database. Default: `sqlite:///` and `files.db` in DATA_DIR, which is `sqlite:///./data/files.db`. A `+driver` part after the scheme is ignored.',
  ),
  SECRET_KEY: setting(
    'text',
    null,
    'Signs access tokens: at least 32 characters, or several such with commas between, newest first: a new one is put before the old, which is dropped when its last tokens have expired. Made on the first start when absent; in production it must be set.',
    { secret: true },
  ),
  ENCRYPTION_KEY: setting(
    'text',
    null,
    'Root of all encryption: one Fernet key (32 bytes as base64url) or several with commas between, newest first. Made on the first start when absent; in production it must be set. Without it the data cannot be read.',
    { secret: true },
  ),
  ACCESS_TOKEN_EXPIRE_MINUTES: setting('integer', '30', 'Minutes that an access token is valid.', {
    min: 1,
    max: 1440,
  }),
  REFRESH_TOKEN_EXPIRE_DAYS: setting('integer', '7', 'Days after the login at which refreshing ends.', {
    min: 1,
    max: 365,
  }),
  REGISTRATION: setting(
    'text',
    'open',
    'Who may register: anybody (`open`), who was invited (`invitation`), or nobody (`closed`).',
    { oneOf: ['open', 'invitation', 'closed'] },
  ),
  OAUTH_PASSWORD_GRANT: setting(
    'text',
    'true',
    'Whether POST /token takes usernames and passwords (`grant_type=password`); `false` leaves it to clients’ keys and refresh tokens.',
    { oneOf: ['true', 'false'] },
  ),
  OIDC_ISSUER: setting(
    'text',
    '',
    'OpenID provider that people may log in with, such as `https://login.example.org/realms/main`. It sends them back to `/v1/auth/oidc/callback` under PUBLIC_URL.',
  ),
  OIDC_CLIENT_ID: setting('text', '', 'What the provider knows this service by.'),
  OIDC_CLIENT_SECRET: setting('text', '', 'The secret that belongs to it.', { secret: true }),
  OIDC_SCOPES: setting('text', 'openid email profile', 'What is asked of the provider, with spaces between.'),
  OIDC_NAME: setting('text', 'OpenID Connect', 'What people call the provider.'),
  OIDC_REGISTRATION: setting(
    'text',
    'closed',
    'Whom of those whom the provider knows becomes a user: anybody (`open`), who was invited (`invitation`), or nobody (`closed`): then users link themselves.',
    { oneOf: ['open', 'invitation', 'closed'] },
  ),
  ADMIN_USERNAME: setting(
    'text',
    '',
    'Name of the first administrator, who is made at the start when nobody runs the service yet. Without it the start prints a one-time link.',
  ),
  ADMIN_PASSWORD: setting('text', '', 'Password of that administrator.', { secret: true }),
  ADMIN_EMAIL: setting('text', '', 'E-mail address of that administrator. Default: the name at localhost.'),
  BCRYPT_COST: setting('integer', '12', 'Work factor of password hashes.', { min: 10, max: 16 }),
  MAX_FILE_SIZE: setting('integer', String(2 * GiB), 'Largest upload, in bytes.', { min: 1 }),
  SUPPORTED_FORMATS: setting(
    'list',
    'csv,xlsx,xls,pdf,json',
    'Kinds of file that are taken: of csv (includes `.txt`, `.tsv`, `.tab`), xlsx (includes `.xlsm`, `.xltx`, `.xltm`, `.xlsb`), xls (includes `.ods` and workbooks in XML), pdf, json, and, if they are named here, parquet and xml. ZIP archives, `.gz` and `.zst` are taken if what is in them is.',
  ),
  MAX_ROWS: setting('integer', '50000000', 'Rows in one file.', { min: 1 }),
  MAX_COLUMNS: setting('integer', '1500', 'Columns in one table.', { min: 1, max: 1500 }),
  MAX_CELLS: setting('integer', '1000000000', 'Cells that hold something, in one file.', { min: 1 }),
  MAX_CELL_LENGTH: setting('integer', String(4 * 1024 ** 2), 'Characters in one cell.', {
    min: 1,
    max: 256 * 1024 ** 2,
  }),
  MAX_UNPACKED_BYTES: setting(
    'integer',
    String(8 * GiB),
    'Bytes that the compressed parts of one file may unpack to.',
    { min: 1 },
  ),
  PARSER_PROCESSES: setting(
    'integer',
    String(Math.max(1, availableParallelism() - 1)),
    'Files parsed at the same time, each in a process of its own.',
    { min: 1, max: 64 },
  ),
  PARSER_MEMORY_MB: setting(
    'integer',
    '768',
    'Resident memory at which a parser process is ended and its file fails.',
    { min: 128 },
  ),
  PARSER_TIMEOUT_SECONDS: setting('integer', '1800', 'Time after which a parser process is ended and its file fails.', {
    min: 1,
    // A timer of Node that is set to more than 2³¹ ms, 24 days, goes off at once.
    max: 2_000_000,
  }),
  OCR_LANGUAGES: setting(
    'list',
    'eng',
    'Languages in which the text of scanned PDF pages is recognised, by the codes of Tesseract, such as `eng,hin`; needs `tesseract.js-core` and for each language its `@tesseract.js-data/` package, and is off without them.',
  ),
  OCR_MAX_PAGES: setting(
    'integer',
    '200',
    'Pages of one file that are recognised, at 3 to 6 seconds each and for half of PARSER_TIMEOUT_SECONDS at most, in 512 MB of PARSER_MEMORY_MB; 0 turns it off.',
    { min: 0, max: 10_000 },
  ),
  QUERY_THREADS: setting('integer', '2', 'Threads that read datasets; one caller has at most all but one.', {
    min: 1,
    max: 16,
  }),
  RATE_LIMIT_PER_MINUTE: setting(
    'integer',
    '1200',
    'Requests a minute of one user or client, or of one address that is not signed in; 0 turns the limit off.',
    { min: 0 },
  ),
  TRANSFER_LIMIT_PER_MINUTE: setting(
    'integer',
    '300',
    'Uploads, downloads and exports a minute of one user or client; 0 turns the limit off.',
    { min: 0 },
  ),
  REDIS_URL: setting(
    'text',
    '',
    'Redis or Valkey in which all processes count together what is limited: `redis://host:6379`. Default: each process counts in memory.',
    { secret: true },
  ),
  LOGIN_LIMIT_PER_MINUTE: setting(
    'integer',
    '30',
    'Attempts to log in or register a minute from one address; 0 turns this limit off, but not the one on guesses at an account.',
    { min: 0 },
  ),
  TRUST_PROXY: setting(
    'text',
    '',
    'Addresses or networks (commas between) of the proxies whose X-Forwarded-For is believed.',
  ),
  CORS_ORIGINS: setting('list', '', 'Origins whose pages may call the API from a browser.'),
  LOG_LEVEL: setting('text', 'info', 'Least level that is logged.', {
    oneOf: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
  }),
  NODE_ENV: setting('text', 'development', 'In `production` missing or weak keys refuse to start.', {
    oneOf: ['development', 'production', 'test'],
  }),
} as const satisfies Record<string, Setting>;

type Name = keyof typeof SETTINGS;
type Value<S extends Setting> = S['kind'] extends 'integer'
  ? number
  : S['kind'] extends 'list'
    ? readonly string[]
    : string;

/** The settings after reading; names as in the environment. Secrets are always there. */
export type Config = { readonly [N in Name]: Value<(typeof SETTINGS)[N]> };

/**
 * Reads the settings from `environment` (the process's own, then `.env`, then generated secrets: whoever calls merges
 * them). Secrets must be there by now; `missingSecrets` tells which are not.
 * @throws Problem `config_invalid` naming the setting, never its value if it is secret.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(SETTINGS) as [Name, Setting][]) {
    values[name] = readSetting(name, spec, environment[name]);
  }
  const config = values as Config;
  const dataDir = config.DATA_DIR.replace(/\/+$/, '') || '/';
  checkIssuer(config.OIDC_ISSUER, config.OIDC_CLIENT_ID);
  checkLanguages(config.OCR_LANGUAGES);
  const publicUrl = readPublicUrl(config.PUBLIC_URL);
  const url = config.DATABASE_URL || `sqlite:///${dataDir}/files.db`;
  if (config.NODE_ENV === 'production') {
    checkSecretKey(config.SECRET_KEY);
    checkEncryptionKey(config.ENCRYPTION_KEY);
  }
  return { ...config, DATA_DIR: dataDir, DATABASE_URL: url, PUBLIC_URL: publicUrl };
}

/** They become part of the names of packages and files. */
function checkLanguages(languages: readonly string[]): void {
  if (languages.every((language) => /^[a-z]{3}(_[a-z]+)*$/i.test(language))) return;
  throw new Problem('config_invalid', 'OCR_LANGUAGES must be codes such as eng, hin or chi_sim, with commas between.');
}

/** Over plain http only on this machine: whoever is between could otherwise say who people are. */
function checkIssuer(issuer: string, clientId: string): void {
  if (issuer === '') return;
  const url = URL.parse(issuer);
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (!safe) throw new Problem('config_invalid', 'OIDC_ISSUER must be an address that begins with https://.');
  if (clientId === '') throw new Problem('config_invalid', 'OIDC_CLIENT_ID must be set where OIDC_ISSUER is.');
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);

/** Without a slash at the end. */
function readPublicUrl(text: string): string {
  if (text === '') return '';
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username) {
    return url.href.replace(/\/+$/, '');
  }
  throw new Problem('config_invalid', 'PUBLIC_URL must be an address such as https://intakt.example.org, and no more.');
}

function readSetting(name: string, spec: Setting, given: string | undefined): unknown {
  const text = (given === undefined || given.trim() === '' ? (spec.default ?? '') : given).trim();
  if (spec.oneOf && !spec.oneOf.includes(text)) {
    throw new Problem('config_invalid', `${name} must be one of ${spec.oneOf.join(', ')}.`);
  }
  if (spec.kind === 'list') return listOf(text);
  if (spec.kind === 'text') return text;
  const number = Number(text);
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = spec;
  if (!/^-?\d+$/.test(text) || number < min || number > max) {
    throw new Problem('config_invalid', `${name} must be a whole number from ${min} to ${max}.`);
  }
  return number;
}

/** What stands between the commas. */
export const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

function checkSecretKey(secret: string): void {
  const isWeak = (one: string) =>
    one.length < 32 || new Set(one).size < 10 || /change|secret|example|password/i.test(one);
  if (listOf(secret).some(isWeak) || listOf(secret).length === 0) {
    throw new Problem(
      'config_invalid',
      'SECRET_KEY is weak or missing. Set at least 32 random characters, for example the output of: openssl rand -base64 48',
    );
  }
}

/** Of 32 random bytes about 30 differ; fewer than half of that are zeros, a pattern or no key at all. */
function checkEncryptionKey(keys: string): void {
  const weak = keys.split(',').some((key) => new Set(Buffer.from(key.trim(), 'base64url')).size < 16);
  if (!weak) return;
  throw new Problem(
    'config_invalid',
    'ENCRYPTION_KEY is weak or no Fernet key. Set 32 random bytes, for example the output of: openssl rand -base64 32 | tr +/ -_',
  );
}

/** The secrets that `environment` does not hold. */
export function missingSecrets(
  environment: Readonly<Record<string, string | undefined>>,
): ('SECRET_KEY' | 'ENCRYPTION_KEY')[] {
  return (['SECRET_KEY', 'ENCRYPTION_KEY'] as const).filter((name) => !environment[name]?.trim());
}

/** A new value for a secret: 48 random bytes for `SECRET_KEY`, a Fernet key for `ENCRYPTION_KEY`. */
export function newSecretValue(name: 'SECRET_KEY' | 'ENCRYPTION_KEY'): string {
  if (name === 'SECRET_KEY') return randomBytes(48).toString('base64url');
  return randomBytes(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
