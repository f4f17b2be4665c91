import { command, UsageError } from '../command.ts';
import { clientFor } from '../credentials.ts';

/** `intakt register` */
export const register = command({
  summary: 'Register a user, log in, and keep the login on this machine.',
  args: '[URL] [USERNAME] [EMAIL]',
  options: {
    name: { type: 'string', value: 'NAME', help: 'Full name.' },
    setup: {
      type: 'string',
      value: 'TOKEN',
      help: 'Become the first administrator: the end of the link that the service prints at its start.',
    },
    invitation: { type: 'string', value: 'TOKEN', help: 'Join the workspace that you are invited to.' },
  },
  async run({ args, options, io }) {
    const { setup, invitation } = options;
    if (setup && invitation) throw new UsageError('Give --setup or --invitation, not both.');
    const url = args[0] ?? (await io.ask('URL of the service: ', 'URL is missing.'));
    const username = args[1] ?? (await io.ask('Username: ', 'USERNAME is missing.'));
    const email = args[2] ?? (await io.ask('E-mail address: ', 'EMAIL is missing.'));
    const password = await io.password('Password: ');
    const client = clientFor(url, username);
    const registration = { username, email, password, full_name: options.name };
    const user = await (setup ? client.setUp(setup, registration) : client.register({ ...registration, invitation }));
    await client.login(username, password);
    await io.result(user, () => `Registered ${username} (${user.role}) and logged in at ${url}.`);
    return 0;
  },
});
