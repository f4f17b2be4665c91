import { createHash } from 'node:crypto';
import type { AuditEntry } from '../schema.ts';

/** What came of verifying exported entries. */
export interface ChainVerdict {
  /** How many lines hold. */
  readonly entries: number;
  /** The hash of the last line that holds; empty when there is none. */
  readonly head: string;
  /** The first line, from 1, that is not what the service wrote after the line before it, and why. */
  readonly bad: { readonly line: number; readonly why: string } | null;
  /** Whether the head that was kept elsewhere is among them; `null` when none was given. */
  readonly keptHeadFound: boolean | null;
}

interface Kept {
  /** The hash that the first line goes on from, where the export did not begin at the first entry. */
  readonly continues?: string | undefined;
  /** The hash of an entry that must be there. */
  readonly head?: string | undefined;
}

/**
 * Verifies the lines of `GET /audit/export` without the service: each is exactly as it writes it, its hash is the SHA-256 of
 * its other members as canonical JSON (RFC 8785), and it names the hash and the number that follow from the line before.
 */
export async function verifyLines(lines: AsyncIterable<string>, { continues, head }: Kept = {}): Promise<ChainVerdict> {
  let [entries, previous, number] = [0, continues ?? '', continues === undefined ? 0 : null] as [
    number,
    string,
    number | null,
  ];
  let keptHeadFound = head === undefined ? null : head === continues;
  for await (const line of lines) {
    const entry = parse(line);
    const why = typeof entry === 'string' ? entry : faultOf(entry, previous, number);
    if (why !== null) return { entries, head: previous, bad: { line: entries + 1, why }, keptHeadFound };
    const { hash, entry_id: id } = entry as AuditEntry;
    entries++;
    [previous, number] = [hash, id];
    if (hash === head) keptHeadFound = true;
  }
  return { entries, head: previous, bad: null, keptHeadFound };
}

/** The lines of a file: what stands between line feeds, and between nothing else that some take for the end of a line. */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest = '';
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

/** The entry of a line, or what is wrong with the line. */
function parse(line: string): AuditEntry | string {
  try {
    const entry = JSON.parse(line) as AuditEntry;
    // A member that stands there twice would be hashed once.
    return JSON.stringify(entry) === line && typeof entry === 'object' && entry !== null
      ? entry
      : 'it is not written as the service writes it';
  } catch {
    return 'it is not JSON';
  }
}

function faultOf(entry: AuditEntry, previous: string, number: number | null): string | null {
  if (number !== null && entry.entry_id !== number + 1) return `entry ${number + 1} is expected here`;
  if (entry.previous_hash !== previous) return 'it does not follow the entry before';
  return entry.hash === hashOf(entry) ? null : 'its content does not have its hash';
}

/** The hash that an entry must have. */
export function hashOf({ hash: _, ...content }: AuditEntry): string {
  return createHash('sha256').update(canonical(content)).digest('hex');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}
