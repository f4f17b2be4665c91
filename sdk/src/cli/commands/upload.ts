import type { Client, UploadOptions } from '../../client.ts';
import { fileAt } from '../../node.ts';
import { type Call, command, toChoice } from '../command.ts';
import { openClient } from '../credentials.ts';
import { follow, meterFor, showFile } from '../follow.ts';

const options = {
  seal: { type: 'string', multiple: true, value: 'COLUMNS', help: 'Seal these columns too (a,b or given twice).' },
  plain: { type: 'string', multiple: true, value: 'COLUMNS', help: 'Do not seal these columns.' },
  delimiter: { type: 'string', value: 'CHARACTER', help: 'What stands between cells; tab for a tab.' },
  encoding: { type: 'string', value: 'LABEL', help: 'Such as utf-8 or windows-1252.' },
  header: { type: 'string', value: 'WHICH', help: 'present or absent.' },
  ragged: { type: 'string', value: 'WHAT', help: 'reject or pad rows with too few or too many cells.' },
  wait: { type: 'boolean', help: 'Wait until each file is ready or has failed.' },
} as const;

/** `intakt upload` */
export const upload = command({
  summary: 'Send files.',
  args: 'FILE...',
  options,
  async run({ args, options, io }) {
    const client = await openClient();
    const about = {
      seal: toNames(options.seal),
      plain: toNames(options.plain),
      delimiter: options.delimiter,
      encoding: options.encoding,
      header: toChoice('header', options.header, ['present', 'absent']),
      ragged: toChoice('ragged', options.ragged, ['reject', 'pad']),
    };
    let failed = 0;
    for (const path of args) failed += (await sendOne(client, path, about, options.wait === true, io)) ? 0 : 1;
    return failed > 0 ? 1 : 0;
  },
});

/** `false` when the file was waited for and has failed. */
async function sendOne(client: Client, path: string, about: UploadOptions, wait: boolean, io: Call['io']) {
  const source = await fileAt(path);
  const meter = meterFor(io, source.name);
  try {
    const onProgress = (sent: number, total: number | null) => meter.update('sending', total ? sent / total : 1);
    const file = await client.upload(source, { ...about, onProgress });
    if (wait) await follow(client, file.file_id, meter);
    meter.end();
    return await showFile(io, wait ? await client.files.get(file.file_id, { limit: 1 }) : file);
  } finally {
    meter.end();
  }
}

const toNames = (given: readonly string[] = []): string[] => given.flatMap((names) => names.split(',')).filter(Boolean);
