import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { readConfig } from './config.ts';
import { Problem } from './core/problem.ts';
import { loadEnvironment } from './secrets.ts';

/** Programs without their types, as compiled; beside the programs, where nobody else writes. */
const COMPILED = fileURLToPath(new URL('../node_modules/.cache/intakt', import.meta.url));

/** Starts the service from the environment. The only file of the server that knows the process it runs in. */
async function main(): Promise<void> {
  // What is written belongs to the user who runs the service, and to nobody else.
  process.umask(0o077);
  keepCompiled();
  const { environment, made } = loadEnvironment(process.env, process.cwd());
  if (made) {
    say(`Made ${made.names.join(' and ')} and wrote them to ${made.file}.`);
    if (made.names.includes('ENCRYPTION_KEY'))
      say('Keep that file safe and apart from the data: whoever loses ENCRYPTION_KEY loses the data.');
  }
  const { startService } = await import('./app.ts');
  const service = await startService(readConfig(environment));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      service.close().then(() => process.exit(0), fail);
    });
  }
  if (service.setupToken) say(`Set up the first administrator: ${service.url}/setup#${service.setupToken}`);
  // Said last: whoever waits for this line may end the service at once.
  say(`Intakt listens on ${service.url} (API documentation: ${service.url}/docs)`);
}

/** Spares the next start the compiling: a quarter of its time. Where the folder cannot be written, all stays as it was. */
function keepCompiled(): void {
  enableCompileCache(COMPILED);
  // The threads take it from here.
  process.env.NODE_COMPILE_CACHE ??= COMPILED;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function fail(error: unknown): never {
  if (error instanceof Problem) say(`Intakt cannot start: ${error.detail}`);
  else if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
    say('Intakt cannot start: the port is taken. Set PORT to another one.');
  else say(`Intakt cannot start: ${(error as Error).stack ?? error}`);
  process.exit(1);
}

main().catch(fail);
