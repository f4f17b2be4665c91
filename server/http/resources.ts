import type { Static } from 'typebox';
import type { DatasetRow, FileRow } from '../backends/db/schema.ts';
import type { FileEvent } from '../backends/events/events.ts';
import { mayOnFile } from '../core/access.ts';
import type { Actor } from '../core/actor.ts';
import { isoTime, isoTimeOrNull } from '../core/clock.ts';
import type { Page } from '../datasets/query.ts';
import { type ColumnProfile, columnFacts, type SensitiveFinding } from '../infer/profile.ts';
import type * as schemas from './schemas.ts';

/**
 * A file as the API tells it to this actor. The checksum is for those alone who may reveal: of a small file it tells
 * whether a guess of what is sealed in it is right.
 */
export function toFile(file: FileRow, actor: Actor): Static<typeof schemas.File> {
  const ownership = { id: file.id, workspaceId: file.workspace_id, ownerId: file.owner_id };
  return {
    ...toProgress(file),
    filename: file.filename,
    file_type: file.file_type,
    media_type: file.media_type,
    size: file.size,
    sha256: mayOnFile(actor, 'reveal', ownership) ? file.sha256 : null,
    owner_id: file.owner_id,
    row_count: file.row_count,
    error: file.error_code === null ? null : { code: file.error_code, detail: file.error_detail ?? '' },
    created_at: isoTime(file.created_at),
    started_at: isoTimeOrNull(file.started_at),
    finished_at: isoTimeOrNull(file.finished_at),
  };
}

/** How far a file is. */
export function toProgress({ id, status, phase, progress }: FileRow): Static<typeof schemas.Progress> {
  type Told = Static<typeof schemas.Progress>;
  return { file_id: id, status: status as Told['status'], phase: phase as Told['phase'], progress };
}

/** A dataset as the API tells it. */
export function toDataset(dataset: DatasetRow): Static<typeof schemas.Dataset> {
  const columns = JSON.parse(dataset.columns) as ColumnProfile[];
  return {
    dataset_id: dataset.id,
    file_id: dataset.file_id,
    position: dataset.position + 1,
    name: dataset.name,
    row_count: dataset.row_count,
    reject_count: dataset.reject_count,
    columns: columns.map(toColumn),
    dialect: JSON.parse(dataset.dialect) as Record<string, unknown>,
  };
}

/** What is known of a column. */
function toColumn(column: ColumnProfile): Static<typeof schemas.Column> {
  // Datasets that were written before a column told these have none of them.
  const { unit = null, ambiguous = null, masked = false } = column as Partial<ColumnProfile>;
  const { name, type, rows, empty, sealed, sealedBy, sensitive } = column;
  const { decimalMark, dateOrder, zone } = columnFacts(column);
  return {
    ...{ name, type, unit, decimal_mark: decimalMark, date_order: dateOrder, zone, ambiguous },
    ...{ rows, empty, sealed, sealed_by: sealedBy, masked, sensitive: sensitive && toFinding(sensitive) },
  };
}

function toFinding({ within, ...finding }: SensitiveFinding) {
  return { ...finding, ...(within && { within: within.map((found) => ({ ...found })) }) };
}

/** A page of rows, each an object by column name. */
export function toRows(page: Page, limit: number, offset: number) {
  return {
    columns: [...page.columns],
    rows: page.rows.map(({ cells }) => {
      // Without a prototype, so that a column may be called __proto__.
      const row = Object.create(null) as Record<string, string | number | boolean | null>;
      page.columns.forEach((name, index) => {
        row[name] = cells[index] ?? null;
      });
      return row;
    }),
    row_numbers: page.rows.map(({ n }) => n),
    total: page.total,
    limit,
    offset,
  };
}

/** An event as SSE and polling tell it. */
export function toEvent(event: FileEvent): Static<typeof schemas.Event> {
  const data = event.data as Static<typeof schemas.Event>['data'];
  return { event_id: event.id, file_id: event.fileId, type: event.type, data, at: isoTime(event.createdAt) };
}
