import { command } from '../command.ts';
import { clientFor } from '../credentials.ts';

/** `intakt register` */
export const register = command({
  summary: 'Register a user, log in, and keep the login on this machine.',
  args: '[URL] [USERNAME] [EMAIL]',
  options: { name: { type: 'string', value: 'NAME', help: 'Full name.' } },
  async run({ args, options, io }) {
    const url = args[0] ?? (await io.ask('URL of the service: ', 'URL is missing.'));
    const username = args[1] ?? (await io.ask('Username: ', 'USERNAME is missing.'));
    const email = args[2] ?? (await io.ask('E-mail address: ', 'EMAIL is missing.'));
    const password = await io.password('Password: ');
    const client = clientFor(url, username);
    const user = await client.register({ username, email, password, full_name: options.name });
    await client.login(username, password);
    await io.result(user, () => `Registered ${username} (${user.role}) and logged in at ${url}.`);
    return 0;
  },
});
