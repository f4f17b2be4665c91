import { readFile } from 'node:fs/promises';
import { createOpener } from '../../fernet.ts';
import { command, toChoice, UsageError } from '../command.ts';
import { openClient } from '../credentials.ts';
import { rowOptions, showRows } from '../rows.ts';

const options = {
  ...rowOptions,
  level: { type: 'string', value: 'LEVEL', help: 'Show sealed values as token (default), mask or plain.' },
  reason: { type: 'string', value: 'TEXT', help: 'Why plain values are needed; goes into the audit log.' },
  raw: { type: 'boolean', help: 'Cells as they stood in the file.' },
  keys: {
    type: 'string',
    value: 'PATH',
    help: 'Open sealed values here, with the keys that intakt keys export has written to a file.',
  },
} as const;

/** `intakt rows` */
export const rows = command({
  summary: 'Show rows of a file.',
  args: 'FILE_ID',
  options,
  async run({ args: [fileId = ''], options, io }) {
    const level = toChoice('level', options.level, ['token', 'mask', 'plain']);
    if (level === 'plain' && !options.reason) throw new UsageError('--level plain needs a --reason for the audit log.');
    if (options.keys && level && level !== 'token') throw new UsageError('--keys opens tokens: leave --level out.');
    const opener = options.keys === undefined ? undefined : await openerOf(options.keys);
    const query = { level, reason: options.reason, raw: options.raw };
    await showRows(await openClient(), fileId, query, { options, io, opener });
    return 0;
  },
});

/** Of a file with a key in each line, as `intakt keys export` writes them. */
async function openerOf(path: string) {
  const lines = (await readFile(path, 'utf8')).split('\n');
  return createOpener(lines.map((line) => line.trim()).filter(Boolean));
}

/** `intakt reveal` */
export const reveal = command({
  summary: 'Show rows of a file with plain values; written to the audit log first.',
  args: 'FILE_ID',
  options: {
    ...rowOptions,
    reason: { type: 'string', value: 'TEXT', help: 'Why plain values are needed; goes into the audit log. Required.' },
  },
  async run({ args: [fileId = ''], options, io }) {
    if (!options.reason) throw new UsageError('--reason is missing: it goes into the audit log.');
    await showRows(await openClient(), fileId, { level: 'plain', reason: options.reason }, { options, io });
    return 0;
  },
});
