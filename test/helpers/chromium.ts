import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = 'chromium';
const required = process.env.CI === 'true';

/** Why tests in a browser are skipped; `false` where Chromium is there, and in CI, where it must be. */
export const noChromium = !required && spawnSync(PROGRAM, ['--version']).status !== 0 && 'Chromium is not installed';

/** A page of a real browser. */
export interface Page extends AsyncDisposable {
  open(url: string): Promise<void>;
  /** Runs a function in the page, with arguments as JSON; what it resolves to, likewise. @throws Error as it does. */
  run<A extends unknown[], T>(work: (...args: A) => Promise<T>, ...args: A): Promise<T>;
  /** Sends a command of the DevTools protocol. */
  send(method: string, params?: object): Promise<Record<string, unknown>>;
}

/** Starts a browser with nothing in it, driven over the DevTools protocol. */
export async function openPage(): Promise<Page> {
  const profile = mkdtempSync(join(tmpdir(), 'intakt-chromium-'));
  const options = [
    ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
    // It talks to the service under test and to nobody else.
    ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic'],
  ];
  const child = spawn(PROGRAM, [...options, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  const endpoint = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.once('exit', () => reject(new Error(`Chromium ended: ${said}`)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (found) resolve(found);
    });
  });
  const targets = (await (await fetch(`http://${new URL(endpoint).host}/json`)).json()) as {
    type: string;
    webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(targets.find(({ type }) => type === 'page')!.webSocketDebuggerUrl);
  await once(socket, 'open');
  const waiting = new Map<
    number,
    (message: { result: Record<string, unknown>; error?: { message: string } }) => void
  >();
  const events = new EventTarget();
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data));
    if (message.id === undefined) events.dispatchEvent(new Event(message.method));
    else waiting.get(message.id)?.(message);
  });
  let commands = 0;
  const send: Page['send'] = (method, params = {}) =>
    new Promise((resolve, reject) => {
      const id = ++commands;
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id);
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result);
      });
      socket.send(JSON.stringify({ id, method, params }));
    });
  await send('Page.enable');

  return {
    send,
    async open(url) {
      const loaded = once(events, 'Page.loadEventFired');
      await send('Page.navigate', { url });
      await loaded;
    },
    async run(work, ...args) {
      const expression = `(${work})(...${JSON.stringify(args)})`;
      const answer = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      const { result, exceptionDetails } = answer as {
        result: { value: never };
        exceptionDetails?: { exception?: { description?: string }; text: string };
      };
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      child.kill('SIGKILL');
      await exited;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
