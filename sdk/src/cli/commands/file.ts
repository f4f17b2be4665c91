import { command } from '../command.ts';
import { openClient } from '../credentials.ts';
import { askFilePassword, passwordOption } from '../file-password.ts';
import { showFile } from '../follow.ts';

/** `intakt rm` */
export const rm = command({
  summary: 'Remove files, their rows and their keys. This cannot be undone.',
  args: 'FILE_ID...',
  options: {},
  async run({ args, io }) {
    const client = await openClient();
    for (const fileId of args) {
      await client.files.remove(fileId);
      await io.result({ file_id: fileId, removed: true }, () => `${fileId}  removed`);
    }
    return 0;
  },
});

/** `intakt cancel` */
export const cancel = command({
  summary: 'Stop parsing a file.',
  args: 'FILE_ID',
  options: {},
  async run({ args: [fileId = ''], io }) {
    await showFile(io, await (await openClient()).files.cancel(fileId));
    return 0;
  },
});

/** `intakt parse` */
export const parse = command({
  summary: 'Parse a file that has failed once more.',
  args: 'FILE_ID',
  options: { password: passwordOption },
  async run({ args: [fileId = ''], options, io }) {
    const client = await openClient();
    await showFile(io, await client.files.parseAgain(fileId, await askFilePassword(options, io)));
    return 0;
  },
});
