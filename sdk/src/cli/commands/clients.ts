import type { RegisteredClient, RegisteredClientWithKey } from '../../client.ts';
import { type Call, command, paging, toChoice, toNumber, UsageError } from '../command.ts';
import { openClient } from '../credentials.ts';
import { table } from '../table.ts';

const SCOPES = ['files:read', 'files:write', 'reveal', 'audit:read', 'admin'] as const;
type Scope = (typeof SCOPES)[number];

const options = {
  ...paging,
  role: { type: 'string', value: 'ROLE', help: 'make: admin, member (default) or viewer.' },
  scope: { type: 'string', multiple: true, value: 'SCOPES', help: `make: what it may do (a,b): ${SCOPES.join(', ')}.` },
  network: { type: 'string', multiple: true, value: 'NETWORKS', help: 'make: where it may come from (a,b).' },
  expires: { type: 'string', value: 'TIME', help: 'make: when it ends, such as 2030-12-31T00:00:00Z.' },
  overlap: { type: 'string', value: 'HOURS', help: 'rotate: how long the old key goes on (default 24).' },
} as const;

/** `intakt clients` */
export const clients = command({
  summary: 'List, make, rotate or revoke clients: programs with a key of their own. For administrators.',
  args: '[make|rotate|revoke] [NAME|CLIENT_ID]',
  options,
  async run({ args: [what = 'list', which], options, io }) {
    if (what === 'list') return listClients(options, io);
    if (!['make', 'rotate', 'revoke'].includes(what)) throw new UsageError(`Clients cannot be told to "${what}".`);
    if (which === undefined) throw new UsageError(what === 'make' ? 'NAME is missing.' : 'CLIENT_ID is missing.');
    if (what === 'make') return make(which, options, io);
    const { clients: api } = await openClient();
    if (what === 'rotate') return showKey(await api.rotate(which, toNumber('overlap', options.overlap)), io);
    await api.revoke(which);
    await io.result({ client_id: which, revoked: true }, () => `${which}  revoked`);
    return 0;
  },
});

type Given = Call<typeof options>['options'];

async function listClients({ limit, offset }: Given, io: Call['io']): Promise<number> {
  const page = { limit: toNumber('limit', limit), offset: toNumber('offset', offset) };
  const list = await (await openClient()).clients.list(page);
  await io.result(list, () => tableOf(list.items, io));
  if (list.total > list.items.length)
    io.note(`${list.items.length} of ${list.total}. See more with --limit and --offset.`);
  return 0;
}

async function make(name: string, { role, scope, network, expires }: Given, io: Call['io']): Promise<number> {
  const scopes = toList(scope).map((one) => toChoice('scope', one, SCOPES) as Scope);
  if (scopes.length === 0) throw new UsageError('--scope is missing: what the client may do.');
  const made = await (await openClient()).clients.create({
    name,
    role: toChoice('role', role, ['admin', 'member', 'viewer']),
    scopes,
    networks: toList(network),
    expires_at: expires,
  });
  return showKey(made, io);
}

/** The key alone goes to standard output, so that it can be piped to where it is kept. */
async function showKey(client: RegisteredClientWithKey, io: Call['io']): Promise<number> {
  io.note(`Client ${client.client_id} (${client.name}). Its key is told this once:`);
  await io.result(client, () => client.client_key);
  return 0;
}

const toList = (given: readonly string[] = []): string[] => given.flatMap((one) => one.split(',')).filter(Boolean);

const tableOf = (items: readonly RegisteredClient[], { width }: Call['io']): string =>
  table(
    ['CLIENT_ID', 'STATUS', 'ROLE', 'SCOPES', 'KEYS', 'LAST USED', 'NAME'],
    items.map(({ client_id, status, role, scopes, keys, last_used_at, name }) => [
      client_id,
      status,
      role,
      scopes.join(','),
      keys.map(({ hint }) => `${hint}…`).join(','),
      last_used_at?.slice(0, 19) ?? 'never',
      name,
    ]),
    width,
  );
