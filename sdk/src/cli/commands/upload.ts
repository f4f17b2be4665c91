import type { Client, UploadOptions } from '../../client.ts';
import { fileAt } from '../../node.ts';
import { FILE_KINDS } from '../../upload.ts';
import { type Call, command, toChoice, toNumber } from '../command.ts';
import { openClient } from '../credentials.ts';
import { askFilePassword, passwordOption } from '../file-password.ts';
import { follow, meterFor, showFile } from '../follow.ts';

const options = {
  seal: { type: 'string', multiple: true, value: 'COLUMNS', help: 'Seal these columns too (a,b or given twice).' },
  plain: { type: 'string', multiple: true, value: 'COLUMNS', help: 'Do not seal these columns.' },
  delimiter: { type: 'string', value: 'CHARACTER', help: 'What stands between cells; tab for a tab.' },
  quote: { type: 'string', value: 'CHARACTER', help: 'What stands around cells; none for nothing.' },
  escape: { type: 'string', value: 'CHARACTER', help: 'What stands before a quote within a cell; none for nothing.' },
  comment: { type: 'string', value: 'CHARACTER', help: 'Lines that begin with it are no rows.' },
  'skip-lines': { type: 'string', value: 'N', help: 'Lines, or rows of a sheet, above the table.' },
  encoding: { type: 'string', value: 'LABEL', help: 'Such as utf-8 or windows-1252.' },
  header: { type: 'string', value: 'WHICH', help: 'present or absent.' },
  'header-rows': { type: 'string', value: 'N', help: 'Lines of the header.' },
  ragged: { type: 'string', value: 'WHAT', help: 'Rows with too few or too many cells: reject, pad or extra columns.' },
  as: { type: 'string', value: 'KIND', help: `What it is, whatever its name ends in: ${FILE_KINDS.join(', ')}.` },
  rows: { type: 'string', value: 'PATH', help: 'Of XML: the elements that are rows, such as feed/entry.' },
  password: passwordOption,
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
      quote: options.quote,
      escape: options.escape,
      comment: options.comment,
      skipLines: toNumber('skip-lines', options['skip-lines']),
      encoding: options.encoding,
      header: toChoice('header', options.header, ['present', 'absent']),
      headerRows: toNumber('header-rows', options['header-rows']),
      ragged: toChoice('ragged', options.ragged, ['reject', 'pad', 'extra']),
      as: toChoice('as', options.as, FILE_KINDS),
      rows: options.rows,
      password: await askFilePassword(options, io),
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
