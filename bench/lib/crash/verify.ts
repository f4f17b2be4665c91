import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { verifyLines } from '../../../sdk/src/cli/audit-chain.ts';
import type { Person } from '../../../test/helpers/client.ts';
import { COLUMNS, checksumOf, type Planned, type PlannedTable } from './workload.ts';

/** A file as the list tells it. */
export interface Listed {
  readonly file_id: string;
  readonly filename: string;
  readonly status: string;
  readonly row_count: number | null;
  readonly error: { code: string; detail: string } | null;
}

const PAGE = 1000;

/** All files of the caller. */
export async function listAll(person: Person): Promise<Listed[]> {
  const all: Listed[] = [];
  for (;;) {
    const { body, status, text } = await person.get(`/files?limit=${PAGE}&offset=${all.length}`);
    if (status !== 200) throw new Error(`GET /files answered ${status}: ${text}`);
    all.push(...body.items);
    if (all.length >= body.total || body.items.length === 0) return all;
  }
}

/** What is wrong with a file that must be ready: nothing, if it is whole and there once. */
export async function checkFile(person: Person, fileId: string, planned: Planned): Promise<string[]> {
  const { status, body } = await person.get(`/files/${fileId}?limit=1`);
  if (status !== 200 || body.status !== 'ready')
    return [`lost: ${planned.name} is ${status} ${body.status ?? ''} ${JSON.stringify(body.error ?? body.code)}`];
  const problems: string[] = [];
  if (body.datasets.length !== planned.tables.length)
    problems.push(`duplicate: ${planned.name} has ${body.datasets.length} datasets, not ${planned.tables.length}`);
  for (const [index, table] of planned.tables.entries())
    problems.push(...(await checkTable(person, planned.name, body.datasets[index]?.dataset_id, table)));
  const { body: log } = await person.get(`/files/${fileId}/events?limit=500`);
  const readies = log.items.filter((event: { data: { status: string } }) => event.data.status === 'ready');
  if (readies.length !== 1) problems.push(`duplicate: ${planned.name} became ready ${readies.length} times`);
  return [...problems, ...(await checkOriginal(person, fileId, planned))];
}

async function checkOriginal(person: Person, fileId: string, planned: Planned): Promise<string[]> {
  const response = await fetch(`${person.base}/files/${fileId}/download`, { headers: person.headers });
  const hash = createHash('sha256').update(new Uint8Array(await response.arrayBuffer()));
  if (response.status === 200 && hash.digest('hex') === planned.sha256) return [];
  return [`lost: the original of ${planned.name} is not what was sent (${response.status})`];
}

async function checkTable(
  person: Person,
  name: string,
  datasetId: string | undefined,
  table: PlannedTable,
): Promise<string[]> {
  const rows: string[][] = [];
  let total = datasetId === undefined ? 0 : Number.POSITIVE_INFINITY;
  while (rows.length < total) {
    const url = `/datasets/${datasetId}/rows?level=plain&raw=true&limit=${PAGE}&offset=${rows.length}`;
    const { status, body } = await person.get(url);
    if (status !== 200) return [`partial: the rows of ${name} answer ${status} ${body.code}`];
    total = body.total;
    if (body.rows.length === 0) break;
    for (const row of body.rows) rows.push(COLUMNS.map((column) => row[column]));
  }
  if (rows.length === table.rows && checksumOf(rows) === table.checksum) return [];
  return [`partial: ${name} has ${rows.length} rows, not ${table.rows}, or other ones`];
}

/**
 * Exports the audit log and verifies its chain as `intakt audit verify` does, without the service. Gives the number of
 * entries and what is wrong.
 */
export async function checkAudit(admin: Person): Promise<{ entries: number; problems: string[] }> {
  const { text } = await admin.get('/audit/export');
  const { entries, bad } = await verifyLines(Readable.from(text.split('\n').filter(Boolean)));
  return { entries, problems: bad ? [`audit: entry ${bad.line} ${bad.why}`] : [] };
}

/** Ids of the blobs on the disk, and the names of what is staged. */
export function lookAtDisk(dataDir: string): { blobs: string[]; staged: string[] } {
  const root = join(dataDir, 'blobs');
  const unfinished = ['receiving', 'staging'];
  const shards = readdirSync(root).filter((name) => !unfinished.includes(name));
  return {
    blobs: shards.flatMap((shard) => readdirSync(join(root, shard))),
    staged: unfinished.flatMap((folder) => readdirSync(join(root, folder))),
  };
}
