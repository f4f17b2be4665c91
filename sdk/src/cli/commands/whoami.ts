import { command } from '../command.ts';
import { openClient, readCredentials } from '../credentials.ts';
import { list } from '../table.ts';

/** `intakt whoami` */
export const whoami = command({
  summary: 'Show who is logged in, and where.',
  args: '',
  options: {},
  async run({ io }) {
    const user = await (await openClient()).me();
    const url = (await readCredentials())?.url;
    await io.result({ ...user, url }, () => list([['url', url], ...Object.entries(user)]));
    return 0;
  },
});
