import type { Person } from '../../../test/helpers/client.ts';
import { checkFile, type Listed } from './verify.ts';
import type { Planned } from './workload.ts';

/** An upload and what is known of it. */
export interface Entry {
  readonly planned: Planned;
  /** The file's id: told in an acknowledgement, or found in the list after an answer was lost. */
  fileId?: string;
  acknowledged: boolean;
  /** `asked`: the answer to the removal was lost, so it may be there or not. */
  removed: 'no' | 'asked' | 'yes';
  checked: boolean;
}

/** What was promised to the senders so far. */
export interface Ledger {
  add(planned: Planned): Entry;
  /** Entries that must be there. */
  present(): Entry[];
  /** The uploads that were begun in a round. */
  ofRound(round: number): Entry[];
  /**
   * Compares with what the service has, every file in depth when it is new or `all` are asked for; also says how many
   * are there that were never acknowledged.
   */
  compare(
    person: Person,
    listed: readonly Listed[],
    all: boolean,
  ): Promise<{ problems: string[]; unacknowledged: number }>;
}

/** An empty ledger. */
export function createLedger(): Ledger {
  const entries = new Map<string, Entry>();
  return {
    add(planned) {
      const entry: Entry = { planned, acknowledged: false, removed: 'no', checked: false };
      entries.set(planned.name, entry);
      return entry;
    },
    present: () => [...entries.values()].filter(({ fileId, removed }) => fileId !== undefined && removed === 'no'),
    ofRound: (round) => [...entries.values()].filter(({ planned }) => planned.name.startsWith(`r${round}-`)),

    async compare(person, listed, all) {
      let unacknowledged = 0;
      const problems = listed
        .filter(({ filename }) => !entries.has(filename))
        .map((file) => `came back: ${file.filename}`);
      for (const entry of [...entries.values()]) {
        const found = listed.filter(({ filename }) => filename === entry.planned.name);
        problems.push(...settle(entry, found));
        if (found.length === 0) entries.delete(entry.planned.name);
        else if (all || !entry.checked) problems.push(...(await checkFile(person, found[0]!.file_id, entry.planned)));
        if (found.length > 0 && !entry.checked && !entry.acknowledged) unacknowledged++;
        entry.checked = true;
      }
      return { problems, unacknowledged };
    },
  };
}

function settle(entry: Entry, found: readonly Listed[]): string[] {
  const { planned, acknowledged, removed, fileId } = entry;
  if (found.length > 1) return [`duplicate: ${planned.name} is there ${found.length} times`];
  const [file] = found;
  if (removed === 'yes') return file ? [`came back: ${planned.name} was removed`] : [];
  if (!file) return (acknowledged || entry.checked) && removed === 'no' ? [`lost: ${planned.name} is gone`] : [];
  if (fileId !== undefined && fileId !== file.file_id) return [`duplicate: ${planned.name} has another id`];
  entry.fileId = file.file_id;
  entry.removed = 'no';
  const rows = planned.tables.reduce((sum, table) => sum + table.rows, 0);
  if (file.status === 'ready' && file.row_count === rows) return [];
  return [`lost: ${planned.name} is ${file.status} with ${file.row_count} rows: ${JSON.stringify(file.error)}`];
}
