/** What a detector says of a value: `OTHER`, `SHAPED` or `VALID`. */
export type Verdict = 0 | 1 | 2;
/** Not of its kind. */
export const OTHER = 0;
/** Of its shape, but with a wrong checksum or an unknown part. */
export const SHAPED = 1;
/** Of its kind. */
export const VALID = 2;

/** Recognises one kind of sensitive value. One file a detector, listed in `all.ts`. */
export interface Detector {
  /** One of `SENSITIVE_KINDS`, or the id of a taught kind. */
  readonly kind: string;
  /** Whether the values alone can tell, or only values below a header that has one of the words. */
  readonly header: 'helps' | 'needed';
  /** Classes (`characters.ts`) that the first and the last character can have; the others are not tested. */
  readonly first: number;
  readonly last: number;
  /** Shortest and longest text that can be of this kind, in UTF-16 units: others are not tested. */
  readonly length: readonly [shortest: number, longest: number];
  /** The marks (`characters.ts`) that it can have. Of what is written in groups, the groups are joined before. */
  readonly marks: number;
  /** Verdict on a text without space around it. It must be quick to refuse: it sees all that begins and ends alike. */
  readonly test: (value: string) => Verdict;
  /** Share of random values of the right shape that are valid by chance; 1 where the shape alone says nothing. */
  readonly chance: number;
  /** Phrases that name this kind and nothing else, as `matchHeader` reads them: with them, all that is like it counts. */
  readonly names: readonly string[];
  /** Phrases that often name this kind, but other things too: they count beside values that pass. */
  readonly hints: readonly string[];
  /** The share of a column's values that must be valid, in place of the usual one. */
  readonly share?: number;
}
