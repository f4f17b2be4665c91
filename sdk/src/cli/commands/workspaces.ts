import type { Client, WorkspaceDetail } from '../../client.ts';
import { type Call, command, toNumber, UsageError } from '../command.ts';
import { openClient } from '../credentials.ts';
import { list as lines, table } from '../table.ts';

const options = {
  all: { type: 'boolean', help: 'List all, for whoever runs the service.' },
  name: { type: 'string', value: 'NAME', help: 'change: another name.' },
  share: { type: 'string', value: 'YES|NO', help: 'change: whether all members may read all files of this workspace.' },
  'max-bytes': { type: 'string', value: 'N', help: 'create, change: most bytes of originals; 0 for no bound.' },
  'max-files': { type: 'string', value: 'N', help: 'create, change: most files; 0 for no bound.' },
  'max-rows': { type: 'string', value: 'N', help: 'create, change: most rows; 0 for no bound.' },
  'max-requests': { type: 'string', value: 'N', help: 'create, change: most requests a minute; 0 for no bound.' },
} as const;

type WorkspacesCall = Call<typeof options>;

/** `intakt workspaces` */
export const workspaces = command({
  summary: 'List workspaces, show one, make, change, enter or remove one.',
  args: '[show|create|change|use|remove] [ID|NAME]',
  options,
  async run(call) {
    const [what = 'list', which] = call.args;
    const client = await openClient();
    if (what === 'list') return list(client, call);
    if (what === 'show') return show(await client.workspaces.get(which), call);
    if (what === 'change') return change(client, which, call);
    if (which === undefined) throw new UsageError(`${what === 'create' ? 'NAME' : 'ID'} is missing.`);
    if (what === 'create') {
      const { workspace_id: id } = await client.workspaces.create({ name: which, ...quotasOf(call) });
      return show(await client.workspaces.get(id), call);
    }
    if (what === 'use') {
      await client.switchWorkspace(which);
      return show(await client.workspaces.get(), call);
    }
    if (what !== 'remove') throw new UsageError('Say show, create, change, use or remove, or nothing for a list.');
    await client.workspaces.remove(which);
    await call.io.result({ removed: which }, () => `Removed ${which} with all that was in it.`);
    return 0;
  },
});

async function list(client: Client, { options: { all }, io }: WorkspacesCall): Promise<number> {
  const found = await client.workspaces.list({ all, limit: 1000 });
  const rows = found.items.map(({ workspace_id: id, name, role, shared_files: shared }) => [
    id,
    name,
    role ?? '',
    shared ? 'yes' : 'no',
  ]);
  await io.result(found, () => table(['WORKSPACE_ID', 'NAME', 'ROLE', 'SHARED'], rows, io.width));
  return 0;
}

async function show(workspace: WorkspaceDetail, { io }: WorkspacesCall): Promise<number> {
  const { usage, quotas, ...rest } = workspace;
  const held = (['bytes', 'files', 'rows', 'requests'] as const).map(
    (what) => [what, `${usage[what] ?? '–'} of ${quotas[`max_${what}`] ?? 'no bound'}`] as const,
  );
  await io.result(workspace, () => lines([...Object.entries(rest), ...held]));
  return 0;
}

async function change(client: Client, which: string | undefined, call: WorkspacesCall): Promise<number> {
  const { name, share } = call.options;
  const quotas = quotasOf(call);
  if (share !== undefined && !/^(yes|no)$/i.test(share)) throw new UsageError('--share must be yes or no.');
  const own = which === undefined;
  if (own ? Object.keys(quotas).length > 0 : share !== undefined)
    throw new UsageError(
      'Quotas are changed with an ID, by whoever runs the service; --share without, by administrators.',
    );
  const changed = own
    ? await client.workspaces.changeCurrent({
        name,
        shared_files: share === undefined ? undefined : share.toLowerCase() === 'yes',
      })
    : await client.workspaces.change(which, { name, ...quotas });
  return show(await client.workspaces.get(own ? undefined : changed.workspace_id), call);
}

/** Those that were given; 0 is no bound. */
function quotasOf({ options: given }: WorkspacesCall): { [Name in `max_${string}`]?: number | null } {
  const quotas = (['bytes', 'files', 'rows', 'requests'] as const).map((what) => {
    const most = toNumber(`max-${what}`, given[`max-${what}`]);
    return [`max_${what}`, most === 0 ? null : most] as const;
  });
  return Object.fromEntries(quotas.filter(([, value]) => value !== undefined));
}
