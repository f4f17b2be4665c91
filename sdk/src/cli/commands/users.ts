import type { User } from '../../client.ts';
import { type Call, command, paging, toChoice, toNumber, UsageError } from '../command.ts';
import { openClient } from '../credentials.ts';
import { table } from '../table.ts';

/** `intakt users` */
export const users = command({
  summary: 'List the users of the workspace, or change one. For administrators.',
  args: '[USER_ID]',
  options: {
    ...paging,
    role: { type: 'string', value: 'ROLE', help: 'Make the user an admin, member or viewer.' },
    'may-reveal': { type: 'string', value: 'YES|NO', help: 'Give or take the right to see sealed values.' },
    active: { type: 'string', value: 'YES|NO', help: 'Let the user in or lock them out.' },
  },
  async run({ args: [userId], options, io }) {
    const client = await openClient();
    if (userId !== undefined) {
      const change = {
        role: toChoice('role', options.role, ['admin', 'member', 'viewer']),
        may_reveal: toYes('may-reveal', options['may-reveal']),
        active: toYes('active', options.active),
      };
      if (Object.values(change).every((value) => value === undefined))
        throw new UsageError('Say what to change: --role, --may-reveal or --active.');
      const user = await client.users.change(userId, change);
      await io.result(user, () => tableOf([user], io));
      return 0;
    }
    const list = await client.users.list({
      limit: toNumber('limit', options.limit),
      offset: toNumber('offset', options.offset),
    });
    await io.result(list, () => tableOf(list.items, io));
    return 0;
  },
});

function toYes(option: string, text: string | undefined): boolean | undefined {
  const choice = toChoice(option, text?.toLowerCase(), ['yes', 'no']);
  return choice === undefined ? undefined : choice === 'yes';
}

const tableOf = (items: readonly User[], { width }: Call['io']): string =>
  table(
    ['USER_ID', 'USERNAME', 'ROLE', 'REVEAL', 'ACTIVE', 'EMAIL', 'NAME'],
    items.map((user) => [
      user.user_id,
      user.username,
      user.role,
      user.may_reveal ? 'yes' : 'no',
      user.active ? 'yes' : 'no',
      user.email,
      user.full_name,
    ]),
    width,
  );
