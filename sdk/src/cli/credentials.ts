import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Client, createClient, type Tokens } from '../client.ts';

/** A login on this machine: of whom, where, and its tokens. */
export interface Credentials {
  readonly url: string;
  readonly username: string;
  readonly tokens: Tokens;
}

const place = (): string => {
  const { INTAKT_CONFIG, XDG_CONFIG_HOME } = process.env;
  return INTAKT_CONFIG || join(XDG_CONFIG_HOME || join(homedir(), '.config'), 'intakt', 'credentials.json');
};

/** The login that is kept, `null` when there is none. @throws Error when the file cannot be read. */
export async function readCredentials(): Promise<Credentials | null> {
  try {
    return JSON.parse(await readFile(place(), 'utf8')) as Credentials;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`The credentials in ${place()} cannot be read. Remove the file and log in again.`, {
      cause: error,
    });
  }
}

/** Keeps a login, readable by its owner alone; whoever reads at the same time sees the old one or the new one. */
export async function writeCredentials(credentials: Credentials): Promise<void> {
  const path = place();
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const staging = `${path}.${process.pid}.tmp`;
  const file = await open(staging, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(credentials, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(staging, path);
}

/** Forgets the login; `false` when there was none. */
export async function removeCredentials(): Promise<boolean> {
  const had = (await readCredentials().catch(() => ({}))) !== null;
  await rm(place(), { force: true });
  return had;
}

/** A client for a new login at `url`, which is kept once it has happened. */
export const clientFor = (url: string, username: string): Client =>
  createClient({ url, onTokens: (tokens) => keep({ url, username }, tokens) });

/** A client for the login that is kept. @throws Error saying how to log in, when there is none. */
export async function openClient(): Promise<Client> {
  const kept = await readCredentials();
  if (!kept) throw new Error('Nobody is logged in here. Log in first: intakt login URL USERNAME');
  const { tokens, ...login } = kept;
  return createClient({
    url: kept.url,
    tokens,
    onTokens: (next) => keep(login, next),
    readTokens: async () => (await readCredentials())?.tokens ?? null,
  });
}

async function keep(login: Omit<Credentials, 'tokens'>, tokens: Tokens | null): Promise<void> {
  if (tokens) await writeCredentials({ ...login, tokens });
  else await removeCredentials();
}
