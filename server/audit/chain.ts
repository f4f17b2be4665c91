import { createHash } from 'node:crypto';

/** One entry as it is told. `detail` never holds a value of a row. */
export interface AuditEntry {
  /** From 1, without a gap in its workspace. */
  readonly entry_id: number;
  readonly workspace_id: string;
  readonly at: string;
  readonly actor_kind: string;
  readonly actor_id: string | null;
  readonly actor: string;
  readonly address: string;
  readonly action: string;
  readonly target: string;
  readonly detail: Record<string, unknown>;
  /** The hash of the entry before it; empty for the first. */
  readonly previous_hash: string;
  readonly hash: string;
}

/**
 * The hash of an entry: SHA-256, in hexadecimal, of all its other members as canonical JSON (RFC 8785) in UTF-8. It covers
 * the hash of the entry before, which makes the entries a chain. `docs/audit.md` tells others how to verify one.
 */
export function hashOf({ hash: _, ...content }: Omit<AuditEntry, 'hash'> & { hash?: string }): string {
  return createHash('sha256').update(canonical(content)).digest('hex');
}

/** Canonical JSON: no space, members sorted by their names' UTF-16 code units, numbers and text as ECMAScript writes them. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}
