import { command } from '../command.ts';
import { removeCredentials } from '../credentials.ts';

/** `intakt logout` */
export const logout = command({
  summary: 'Forget the login on this machine.',
  args: '',
  options: {},
  async run({ io }) {
    const had = await removeCredentials();
    await io.result({ logged_out: had }, () => (had ? 'Logged out.' : 'Nobody was logged in.'));
    return 0;
  },
});
