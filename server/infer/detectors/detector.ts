import type { MaskKind, SensitiveKind } from '../profile.ts';

/** What a detector says of a value: `OTHER`, `SHAPED` or `VALID`. */
export type Verdict = 0 | 1 | 2;
/** Not of its kind. */
export const OTHER = 0;
/** Of its shape, but with a wrong checksum. */
export const SHAPED = 1;
/** Of its kind. */
export const VALID = 2;

/** Recognises one kind of sensitive value. One file a detector, listed in `sensitive.ts`. */
export interface Detector {
  readonly kind: SensitiveKind;
  readonly maskKind: MaskKind;
  /** Shortest and longest text that can be of this kind, in UTF-16 units: others are not tested. */
  readonly length: readonly [shortest: number, longest: number];
  readonly test: (value: string) => Verdict;
  /** Share of random values of the right shape that are valid by chance. */
  readonly chance: number;
  /** Starts of words that name this kind and nothing else: in a header they are reason enough to seal numbers. */
  readonly names: readonly string[];
  /** Whole words that often name this kind, but other things too: they count beside values that pass. */
  readonly hints: readonly string[];
}
