import { command, UsageError } from '../command.ts';
import { openClient } from '../credentials.ts';

/** `intakt keys export` */
export const keys = command({
  summary: 'Write the workspace’s Fernet keys, newest first. For administrators who may reveal.',
  args: 'export',
  options: {
    reason: { type: 'string', value: 'TEXT', help: 'Why they are needed; goes into the audit log. Required.' },
  },
  async run({ args: [what], options: { reason }, io }) {
    if (what !== 'export') throw new UsageError('Keys can be exported: intakt keys export --reason TEXT');
    if (!reason) throw new UsageError('--reason is missing: it goes into the audit log.');
    const fernet_keys = await (await openClient()).exportKeys(reason);
    await io.result({ fernet_keys }, () => fernet_keys.join('\n'));
    return 0;
  },
});
