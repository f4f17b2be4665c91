import fc from 'fast-check';

/** As much of an audit entry as is tampered with. */
export interface Tampered {
  readonly entry_id: number;
  readonly at: string;
  readonly actor_kind: string;
  readonly actor_id: string | null;
  readonly actor: string;
  readonly address: string;
  readonly action: string;
  readonly target: string;
  readonly detail: Record<string, unknown>;
  readonly previous_hash: string;
  readonly hash: string;
}

/** One way to tamper with a log of `count` entries; `rehash` says whether the tampered entry gets the hash it should have. */
export type Tampering = { readonly at: number; readonly rehash: boolean } & (
  | { readonly how: 'remove' | 'insert' | 'swap' }
  | { readonly how: 'change'; readonly field: keyof Tampered; readonly to: string }
);

const FIELDS = [
  'entry_id',
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
] as const satisfies (keyof Tampered)[];

/** Any way to tamper with a log of `count` entries. */
export const tamperings = (count: number): fc.Arbitrary<Tampering> =>
  fc.oneof(
    fc.record({
      how: fc.constant('change' as const),
      at: fc.nat(count - 1),
      field: fc.constantFrom(...FIELDS),
      to: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
      rehash: fc.boolean(),
    }),
    fc.record({
      how: fc.constantFrom('remove' as const, 'insert' as const, 'swap' as const),
      // The newest can be cut off unseen: see the test of a head that was kept.
      at: fc.nat(count - 2),
      rehash: fc.boolean(),
    }),
  );

/** The log after the tampering; `null` where nothing would be another. What comes after a gap or an insertion is renumbered. */
export function tamper<E extends Tampered>(
  log: readonly E[],
  tampering: Tampering,
  hashOf: (entry: E) => string,
): E[] | null {
  const { how, at, rehash } = tampering;
  const entries = [...log];
  const one = entries[at]!;
  if (how === 'remove') entries.splice(at, 1);
  if (how === 'insert') entries.splice(at + 1, 0, { ...one, action: 'file.forged', previous_hash: one.hash });
  if (how === 'swap') entries.splice(at, 2, entries[at + 1]!, one);
  if (how === 'change') entries[at] = changed(one, tampering.field, tampering.to);
  if (how === 'change' && JSON.stringify(entries[at]) === JSON.stringify(one)) return null;
  const numbered = how === 'change' ? entries : entries.map((entry, index) => ({ ...entry, entry_id: index + 1 }));
  const forged = how === 'insert' ? at + 1 : at;
  if (rehash) numbered[forged] = { ...numbered[forged]!, hash: hashOf(numbered[forged]!) };
  return JSON.stringify(numbered) === JSON.stringify(log) ? null : numbered;
}

function changed<E extends Tampered>(entry: E, field: keyof Tampered, to: string): E {
  if (field === 'entry_id') return { ...entry, entry_id: entry.entry_id + 1000 + to.length };
  if (field === 'at') return { ...entry, at: new Date(Date.parse(entry.at) + to.length).toISOString() };
  if (field === 'detail') return { ...entry, detail: { ...entry.detail, [to]: 'forged' } };
  return { ...entry, [field]: to };
}
