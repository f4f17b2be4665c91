import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { missingSecrets, newSecretValue } from './config.ts';
import { Problem } from './core/problem.ts';

type Environment = Record<string, string | undefined>;

/** The environment to read settings from, and the file in which new secrets were written, if any were. */
export interface LoadedEnvironment {
  readonly environment: Environment;
  readonly made: { readonly file: string; readonly names: readonly string[] } | null;
}

/**
 * Merges, strongest first: the process's environment, `.env` in `folder`, and `secrets.env` in DATA_DIR. What is empty
 * counts as absent. Secrets that none of them holds are made and written to the last (mode 0600, durable before this returns).
 * @throws Problem `config_invalid` in production, where secrets must be given, and when data is there whose key is not.
 */
export function loadEnvironment(process: Environment, folder: string): LoadedEnvironment {
  const { given, environment, dataDir, secretsFile } = read(process, folder);
  const missing = missingSecrets(environment);
  if (missing.length === 0) return { environment, made: null };
  refuseWhereSecretsMustBeGiven(given, missing, dataDir);
  const fresh = Object.fromEntries(missing.map((name) => [name, newSecretValue(name)]));
  appendSecrets(dataDir, secretsFile, fresh);
  return { environment: { ...environment, ...fresh }, made: { file: secretsFile, names: missing } };
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

function appendSecrets(dataDir: string, file: string, secrets: Record<string, string>): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const fd = openSync(file, 'a', 0o600);
  try {
    chmodSync(file, 0o600);
    writeSync(
      fd,
      Object.entries(secrets)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  const folder = openSync(dataDir, 'r');
  fsyncSync(folder);
  closeSync(folder);
}
