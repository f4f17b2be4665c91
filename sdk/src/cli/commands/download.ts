import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { access, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Download } from '../../client.ts';
import { command } from '../command.ts';
import { openClient } from '../credentials.ts';

/** `intakt download` */
export const download = command({
  summary: 'Fetch the original file, byte for byte.',
  args: 'FILE_ID',
  options: {
    output: { type: 'string', short: 'o', value: 'PATH', help: 'Where to write it; - for standard output.' },
  },
  async run({ args: [fileId = ''], options, io }) {
    const stop = new AbortController();
    try {
      const file = await (await openClient()).download(fileId, { signal: stop.signal });
      if (options.output === '-') {
        await copy(file, io.write);
        return 0;
      }
      const path = options.output ?? (await newPath(file.filename ?? fileId));
      await save(file, path);
      await io.result({ file_id: fileId, path, size: file.size }, () => `${path}  ${file.size} bytes`);
      return 0;
    } finally {
      stop.abort();
    }
  },
});

/** The sender chose the name, so it names nothing outside this folder and replaces nothing in it. */
async function newPath(filename: string): Promise<string> {
  const path = `./${basename(filename).replace(/^\.+/, '_')}`;
  const taken = await access(path).then(
    () => true,
    () => false,
  );
  if (taken) throw new Error(`${path} is there already. Say where to write with --output.`);
  return path;
}

/** Under another name until all is there, so that half a file is never taken for the whole. */
async function save(file: Download, path: string): Promise<void> {
  const staging = `${path}.${process.pid}.part`;
  const out = createWriteStream(staging, { flags: 'wx' });
  try {
    await once(out, 'open');
    await copy(file, async (chunk) => void (out.write(chunk) || (await once(out, 'drain'))));
    out.end();
    await once(out, 'close');
    await rename(staging, path);
  } catch (error) {
    out.destroy();
    await rm(staging, { force: true });
    throw error;
  }
}

async function copy({ content, sha256 }: Download, write: (chunk: Uint8Array) => Promise<void>): Promise<void> {
  const hash = createHash('sha256');
  for await (const chunk of content) {
    hash.update(chunk);
    await write(chunk);
  }
  if (sha256 !== null && hash.digest('hex') !== sha256)
    throw new Error('What arrived is not what was uploaded: the checksums differ. Try again.');
}
