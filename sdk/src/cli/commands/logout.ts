import { command } from '../command.ts';
import { openClient, removeCredentials } from '../credentials.ts';

/** `intakt logout` */
export const logout = command({
  summary: 'End the session and forget the login on this machine.',
  args: '',
  options: {},
  async run({ io }) {
    // What cannot be read is forgotten all the same.
    const client = await openClient().catch(() => null);
    const ended = client ? await client.logout() : null;
    const had = (await removeCredentials()) || client !== null;
    await io.result({ logged_out: had, session_ended: ended }, () => (had ? 'Logged out.' : 'Nobody was logged in.'));
    if (ended === false)
      io.note('The service could not be told: the session ends there by itself, at the end of its refresh token.');
    return 0;
  },
});
