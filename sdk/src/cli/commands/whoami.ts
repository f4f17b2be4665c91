import { command } from '../command.ts';
import { openClient, readCredentials } from '../credentials.ts';
import { list } from '../table.ts';

/** `intakt whoami` */
export const whoami = command({
  summary: 'Show who is logged in, and where.',
  args: '',
  options: {},
  async run({ io }) {
    const client = await openClient();
    const caller = await client.caller();
    const told = caller.kind === 'user' ? await client.me() : caller;
    const url = (await readCredentials())?.url;
    await io.result({ ...told, url }, () => list([['url', url], ...Object.entries(told)]));
    return 0;
  },
});
