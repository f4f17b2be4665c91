import { isUtf8 } from 'node:buffer';
import type { Scan } from './csv-scanner.ts';

/** The text of the rows that a scan found. */
export interface ScanText {
  /** Sliced by the scan's units. Rows with invalid bytes are only place-holders in it. */
  readonly text: string;
  /** The rows that are not valid UTF-8; `null` when there are none. */
  readonly invalidRows: ReadonlySet<number> | null;
}

/** The text of `scan`, which looked at `bytes` from `from` on. */
export function decodeScan(scan: Scan, bytes: Buffer, from: number): ScanText {
  if (!scan.nonAscii) return { text: bytes.toString('latin1', from, scan.consumed), invalidRows: null };
  const part = bytes.subarray(from, scan.consumed);
  return isUtf8(part) ? { text: part.toString('utf8'), invalidRows: null } : decodeByRow(scan, bytes, from);
}

function decodeByRow(scan: Scan, bytes: Buffer, from: number): ScanText {
  const invalidRows = new Set<number>();
  let text = '';
  for (let i = 0, start = from; i < scan.rowCount; i++) {
    const end = scan.rows[4 * i + 1]!;
    const row = bytes.subarray(start, end);
    // The scan's units must still fit the rows behind this one.
    const units = scan.rows[4 * i + 2]! - (i === 0 ? 0 : scan.rows[4 * i - 2]!);
    if (!isUtf8(row)) invalidRows.add(i);
    text += invalidRows.has(i) ? ' '.repeat(units) : row.toString('utf8');
    start = end;
  }
  return { text, invalidRows };
}
