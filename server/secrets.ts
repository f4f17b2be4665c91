import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { missingSecrets, newSecretValue } from './config.ts';
import { Problem } from './core/problem.ts';
import { lockDataDir } from './data-lock.ts';

type Environment = Record<string, string | undefined>;

/** The environment to read settings from, and the file in which new secrets were written, if any were. */
export interface LoadedEnvironment {
  readonly environment: Environment;
  readonly made: { readonly file: string; readonly names: readonly string[] } | null;
}

/**
 * Merges, strongest first: the process's environment, `.env` in `folder`, and `secrets.env` in DATA_DIR. What is empty
 * counts as absent. Secrets that none of them holds are made and written to the last (mode 0600, durable before this returns).
 * @throws Problem `config_invalid` in production, where secrets must be given, when data is there whose key is not, and when
 * secrets are missing and another process goes on using DATA_DIR.
 */
export function loadEnvironment(process: Environment, folder: string): LoadedEnvironment {
  const found = read(process, folder);
  if (missingIn(found).length === 0) return { environment: found.environment, made: null };
  // Of two that start at the same moment one makes them, and the other finds them.
  using _ = lockDataDir(found.dataDir);
  return makeMissing(read(process, folder));
}

function makeMissing(found: ReturnType<typeof read>): LoadedEnvironment {
  const { environment, dataDir, secretsFile } = found;
  const missing = missingIn(found);
  if (missing.length === 0) return { environment, made: null };
  const fresh = Object.fromEntries(missing.map((name) => [name, newSecretValue(name)]));
  addSecrets(dataDir, secretsFile, fresh);
  return { environment: { ...environment, ...fresh }, made: { file: secretsFile, names: missing } };
}

/** What is missing and may be made. @throws Problem `config_invalid` where it must be given. */
function missingIn({ given, environment, dataDir }: ReturnType<typeof read>) {
  const missing = missingSecrets(environment);
  if (missing.length > 0) refuseWhereSecretsMustBeGiven(given, missing, dataDir);
  return missing;
}

/**
 * The environment as `loadEnvironment` gives it, where a service has been before; nothing is made.
 * @throws Problem `config_invalid` when there is no data in DATA_DIR, or its secrets are not there.
 */
export function findEnvironment(process: Environment, folder: string): Environment {
  const { given, environment, dataDir } = read(process, folder);
  if (!existsSync(join(dataDir, 'database.key'))) {
    throw new Problem(
      'config_invalid',
      `There is no data of Intakt in ${resolve(folder, dataDir)}. Run this in the folder that the service is started in, or set DATA_DIR.`,
    );
  }
  const missing = missingSecrets(environment);
  if (missing.length === 0) return environment;
  refuseWhereSecretsMustBeGiven(given, missing, dataDir);
  throw new Problem('config_invalid', `${missing.join(' and ')} must be set as for the service.`);
}

function read(process: Environment, folder: string) {
  const given: Environment = { ...readEnvFile(join(folder, '.env')), ...withoutEmpty(process) };
  const dataDir = given.DATA_DIR ?? './data';
  const secretsFile = join(dataDir, 'secrets.env');
  const environment = given.NODE_ENV === 'production' ? given : { ...readEnvFile(secretsFile), ...given };
  return { given, environment, dataDir, secretsFile };
}

function refuseWhereSecretsMustBeGiven(given: Environment, missing: readonly string[], dataDir: string): void {
  if (given.NODE_ENV === 'production') {
    throw new Problem('config_invalid', `${missing.join(' and ')} must be set in production. See docs/settings.md.`);
  }
  if (missing.includes('ENCRYPTION_KEY') && existsSync(join(dataDir, 'database.key'))) {
    throw new Problem(
      'config_invalid',
      `${dataDir} holds data that was encrypted with an ENCRYPTION_KEY which is not set any more. Set it again: without it the data cannot be read.`,
    );
  }
}

function readEnvFile(file: string): Environment {
  return existsSync(file) ? withoutEmpty(parseEnv(readFileSync(file, 'utf8'))) : {};
}

function withoutEmpty(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
}

/** Written beside and renamed: a disk that is full leaves what was there, and never half a secret. */
function addSecrets(dataDir: string, file: string, secrets: Record<string, string>): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8').replace(/(?<!\n)$/, '\n') : '';
  const lines = Object.entries(secrets).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(`${file}.new`, before + lines.join(''), { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
  const folder = openSync(dataDir, 'r');
  fsyncSync(folder);
  closeSync(folder);
}
