import type { Client, File } from '../client.ts';
import type { Io } from './io.ts';
import { createBar, createLines, type Meter } from './meter.ts';
import { toText } from './table.ts';

/** What shows how far a file is: a bar for who looks, lines for a log. */
export const meterFor = (io: Io, label: string): Meter => (io.live ? createBar(label) : createLines(label, io.note));

/** Shows what happens to a file until it is ready or has failed. */
export async function follow(client: Client, fileId: string, meter: Meter): Promise<void> {
  for await (const { phase, progress } of client.watch(fileId)) meter.update(phase, progress / 100);
}

/** Writes a file as one line; `false`, with the reason on standard error, when it has failed. */
export async function showFile(io: Io, file: File): Promise<boolean> {
  const { file_id, status, row_count, filename, error } = file;
  const rows = row_count === null ? '' : `${row_count} rows  `;
  await io.result(toFile(file), () => `${file_id}  ${status}  ${rows}${toText(filename)}`);
  if (error) io.note(`${toText(filename)}: ${error.detail} (${error.code})`);
  return status !== 'failed';
}

/** A file without the page of rows that it may have come with. */
export function toFile(file: File): File {
  const { columns, rows, row_numbers, total, limit, offset, dataset_id, message, ...rest } = file as File &
    Record<string, unknown>;
  return rest;
}
