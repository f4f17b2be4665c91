import { type Call, command, paging, toChoice, toNumber, UsageError } from '../command.ts';
import { openClient } from '../credentials.ts';
import { type LocalUser, runLocal } from '../local.ts';
import { table } from '../table.ts';

const ROLES = ['admin', 'member', 'viewer'] as const;

/** What can be done on the machine of the service, and what each takes. */
const LOCAL_ACTS: Readonly<Record<string, readonly string[]>> = {
  list: [],
  password: ['USER'],
  role: ['USER', 'ROLE'],
  activate: ['USER'],
  deactivate: ['USER'],
  reveal: ['USER'],
  'not-reveal': ['USER'],
  operator: ['USER'],
  'not-operator': ['USER'],
  'reset-second-factor': ['USER'],
  'setup-link': [],
};

const LOCAL_HELP = Object.entries(LOCAL_ACTS)
  .map(([act, takes]) => [act, ...takes].join(' '))
  .join(', ');

const options = {
  ...paging,
  role: { type: 'string', value: 'ROLE', help: 'Make the user an admin, member or viewer.' },
  'may-reveal': { type: 'string', value: 'YES|NO', help: 'Give or take the right to see sealed values.' },
  active: { type: 'string', value: 'YES|NO', help: 'Let the user in or lock them out.' },
  local: {
    type: 'boolean',
    help: `For who is locked out: on the machine of the service, without a login. Then say: ${LOCAL_HELP}.`,
  },
  workspace: {
    type: 'string',
    value: 'ID',
    help: 'With --local: where role, activity or the right to reveal changes. Default: their first.',
  },
} as const;

type UsersCall = Call<typeof options>;

/** `intakt users` */
export const users = command({
  summary: 'List the users of the workspace, or change one. For administrators; with --local for who has the machine.',
  args: '[USER_ID] [USER] [ROLE]',
  options,
  async run(call) {
    const { args, options: given } = call;
    if (given.local) return runHere(call);
    if (args[0] !== undefined && Object.hasOwn(LOCAL_ACTS, args[0]))
      throw new UsageError(`That is done on the machine of the service: intakt users --local ${args.join(' ')}`);
    if (args[1] !== undefined) throw new UsageError(`"${args[1]}" is one argument too many.`);
    return args[0] === undefined ? list(call) : change(call, args[0]);
  },
});

async function list({ options: { limit, offset }, io }: UsersCall): Promise<number> {
  const page = { limit: toNumber('limit', limit), offset: toNumber('offset', offset) };
  const found = await (await openClient()).users.list(page);
  await io.result(found, () => tableOf(found.items, io));
  return 0;
}

async function change({ options: given, io }: UsersCall, userId: string): Promise<number> {
  const wanted = {
    role: toChoice('role', given.role, ROLES),
    may_reveal: toYes('may-reveal', given['may-reveal']),
    active: toYes('active', given.active),
  };
  if (Object.values(wanted).every((value) => value === undefined))
    throw new UsageError('Say what to change: --role, --may-reveal or --active.');
  const user = await (await openClient()).users.change(userId, wanted);
  await io.result(user, () => tableOf([user], io));
  return 0;
}

async function runHere({ args: [act = 'list', ...words], options: { workspace }, io }: UsersCall): Promise<number> {
  const takes = Object.hasOwn(LOCAL_ACTS, act) ? LOCAL_ACTS[act]! : undefined;
  if (!takes) throw new UsageError(`On the machine of the service there are: ${LOCAL_HELP}.`);
  if (words.length < takes.length) throw new UsageError(`${takes[words.length]} is missing.`);
  if (words.length > takes.length) throw new UsageError(`"${words[takes.length]}" is one argument too many.`);
  if (act === 'role') toChoice('role', words[1], ROLES);
  const input = act === 'password' ? await io.password('New password: ') : '';
  const result = await runLocal([act, ...words, ...(workspace === undefined ? [] : [workspace])], input);
  await io.result(result, () => ('link' in result ? result.link : tableOf(result.items, io)));
  return 0;
}

function toYes(option: string, text: string | undefined): boolean | undefined {
  const choice = toChoice(option, text?.toLowerCase(), ['yes', 'no']);
  return choice === undefined ? undefined : choice === 'yes';
}

const yes = (value: boolean): string => (value ? 'yes' : 'no');

const tableOf = (items: readonly LocalUser[], { width }: UsersCall['io']): string =>
  table(
    ['USER_ID', 'USERNAME', 'ROLE', 'REVEAL', 'ACTIVE', 'OPERATOR', 'EMAIL', 'WORKSPACE_ID'],
    items.map((user) => [
      user.user_id,
      user.username,
      user.role,
      yes(user.may_reveal),
      yes(user.active),
      yes(user.operator),
      user.email,
      user.workspace_id,
    ]),
    width,
  );
