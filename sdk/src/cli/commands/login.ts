import { IntaktError } from '../../errors.ts';
import { command } from '../command.ts';
import { clientFor } from '../credentials.ts';

/** `intakt login` */
export const login = command({
  summary: 'Log in and keep the login on this machine.',
  args: '[URL] [USERNAME]',
  options: {
    key: { type: 'boolean', help: 'Log in with a client key, which is asked for in place of a password.' },
  },
  async run({ args, options, io }) {
    const url = args[0] ?? (await io.ask('URL of the service: ', 'URL is missing.'));
    if (options.key) {
      const client = clientFor(url, args[1] ?? '');
      await client.loginWithKey(await io.password('Client key: '));
      const { user_id, name } = await client.caller();
      await io.result({ url, client_id: user_id, name }, () => `Logged in as the client ${name} at ${url}.`);
      return 0;
    }
    const username = args[1] ?? (await io.ask('Username: ', 'USERNAME is missing.'));
    const client = clientFor(url, username);
    const password = await io.password('Password: ');
    await client.login(username, password).catch(async (error: unknown) => {
      if (!(error instanceof IntaktError) || error.code !== 'second_factor_required') throw error;
      await client.login(username, password, await io.secret('Code of the second factor: '));
    });
    await io.result({ url, username }, () => `Logged in as ${username} at ${url}.`);
    return 0;
  },
});
