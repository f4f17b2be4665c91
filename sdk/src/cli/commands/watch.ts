import { command } from '../command.ts';
import { openClient } from '../credentials.ts';
import { meterFor, showFile } from '../follow.ts';

/** `intakt watch` */
export const watch = command({
  summary: 'Follow a file until it is ready or has failed.',
  args: 'FILE_ID',
  options: {},
  async run({ args: [fileId = ''], io }) {
    const client = await openClient();
    const meter = meterFor(io, fileId);
    try {
      for await (const update of client.watch(fileId)) {
        if (io.json) await io.write(`${JSON.stringify(update)}\n`);
        else meter.update(update.phase, update.progress / 100);
      }
    } finally {
      meter.end();
    }
    const file = await client.files.get(fileId, { limit: 1 });
    if (io.json) return file.status === 'failed' ? 1 : 0;
    return (await showFile(io, file)) ? 0 : 1;
  },
});
