import type { AuditRow } from '../backends/db/schema.ts';
import { csvCell, withoutFormula } from '../core/csv.ts';
import type { AuditEntry } from './chain.ts';
import { toEntry } from './store.ts';

/** How entries are written: one JSON object a line, or CSV (RFC 4180) for spreadsheets. */
export type ExportFormat = 'ndjson' | 'csv';

const COLUMNS = [
  'entry_id',
  'workspace_id',
  'at',
  'actor_kind',
  'actor_id',
  'actor',
  'address',
  'action',
  'target',
  'detail',
  'previous_hash',
  'hash',
] as const satisfies (keyof AuditEntry)[];

/** UTF-16 units that leave together: an entry may name a thousand columns, and a page of such would be held as a whole. */
const PIECE_UNITS = 64 * 1024;

/** The lines of pages of entries, some of them at a time. */
export async function* exportLines(
  pages: AsyncIterable<readonly Omit<AuditRow, 'id'>[]>,
  format: ExportFormat,
): AsyncGenerator<string, void> {
  const toLine = format === 'csv' ? toCsvLine : toJsonLine;
  if (format === 'csv') yield `${COLUMNS.join(',')}\r\n`;
  let text = '';
  for await (const page of pages) {
    for (const row of page) {
      text += toLine(toEntry(row));
      if (text.length < PIECE_UNITS) continue;
      yield text;
      text = '';
    }
  }
  yield text;
}

const toJsonLine = (entry: AuditEntry): string => `${JSON.stringify(entry)}\n`;

/** A name that a spreadsheet would run gets a quote before it, so that the chain is verified from JSON alone. */
function toCsvLine(entry: AuditEntry): string {
  const cells = COLUMNS.map((name) => {
    const value = entry[name];
    if (value === null) return '';
    return csvCell(withoutFormula(typeof value === 'object' ? JSON.stringify(value) : String(value)));
  });
  return `${cells.join(',')}\r\n`;
}
