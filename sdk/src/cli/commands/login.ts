import { command } from '../command.ts';
import { clientFor } from '../credentials.ts';

/** `intakt login` */
export const login = command({
  summary: 'Log in and keep the login on this machine.',
  args: '[URL] [USERNAME]',
  options: {},
  async run({ args, io }) {
    const url = args[0] ?? (await io.ask('URL of the service: ', 'URL is missing.'));
    const username = args[1] ?? (await io.ask('Username: ', 'USERNAME is missing.'));
    await clientFor(url, username).login(username, await io.password('Password: '));
    await io.result({ url, username }, () => `Logged in as ${username} at ${url}.`);
    return 0;
  },
});
