import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Client, DetectionSettings } from '../../client.ts';
import { type Call, command, UsageError } from '../command.ts';
import { openClient } from '../credentials.ts';
import { table } from '../table.ts';

/** `intakt detection` */
export const detection = command({
  summary: 'Show what becomes of each sensitive kind; set it, and kinds of your own, from a JSON file.',
  args: '[set] [FILE]',
  options: {},
  async run({ args: [what, file], io }) {
    if (what === undefined) return show(await (await openClient()).detection.get(), io);
    if (what !== 'set') throw new UsageError('Say set FILE, or nothing to see the settings.');
    if (file === undefined) throw new UsageError('FILE is missing; - for standard input.');
    const settings = parse(file, await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')));
    return show(await (await openClient()).detection.set(settings), io);
  },
});

type Settings = Parameters<Client['detection']['set']>[0];

/** What stands in it is checked by the service. */
function parse(file: string, content: string): Settings {
  try {
    return JSON.parse(content) as Settings;
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`);
  }
}

async function show(settings: DetectionSettings, io: Call['io']): Promise<number> {
  const { policy, taught, effective } = settings;
  const titles = new Map(taught.map(({ id, title }) => [id, title]));
  const rows = Object.entries(effective).map(([kind, treatment]) => [
    kind,
    treatment,
    Object.hasOwn(policy, kind) ? 'policy' : 'usual',
    titles.get(kind) ?? '',
  ]);
  await io.result(settings, () => table(['KIND', 'BECOMES', 'BY', 'TAUGHT'], rows, io.width));
  return 0;
}
