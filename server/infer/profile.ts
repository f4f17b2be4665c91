/**
 * What the values of a column are, each one of them. `text` is what remains when nothing narrower fits every value.
 * `docs/types.md` describes each.
 */
export const COLUMN_TYPES = [
  ...(['integer', 'decimal', 'float', 'boolean', 'date', 'time', 'timestamp', 'duration', 'currency'] as const),
  ...(['percentage', 'uuid', 'email', 'url', 'ip', 'phone', 'json', 'text'] as const),
] as const;

/** One of `COLUMN_TYPES`. */
export type ColumnType = (typeof COLUMN_TYPES)[number];

/**
 * How a column's values are written where its type alone does not say: the order of a date's parts; whether an ISO
 * timestamp names its offset (`utc`, every value does) or not (`local`, no value does); whether a number's fraction stands
 * after a point, its digits in groups, or after a comma; a decimal of more digits than a double keeps (`exact`). `null`
 * for all others.
 */
export type ColumnFormat = 'ymd' | 'dmy' | 'mdy' | 'utc' | 'local' | 'point' | 'comma' | 'exact' | null;

/** Why a column is text although all its values could be of another type: they read two ways. */
export type Ambiguity = 'decimal_mark' | 'grouping' | 'date_order';

/** The kinds of sensitive value that the detectors recognise; the names are stable. `docs/detection.md` describes each. */
export const SENSITIVE_KINDS = [
  ...(['aadhaar', 'aadhaar_vid', 'pan', 'gstin', 'passport', 'voter_id', 'driving_licence', 'upi_id', 'ifsc'] as const),
  ...(['bank_account', 'payment_card', 'iban', 'us_ssn', 'uk_nino', 'de_tax_id', 'de_pension_insurance'] as const),
  ...(['email', 'phone', 'person_name', 'postal_address', 'birth_date', 'ip_address'] as const),
] as const;

/** One of `SENSITIVE_KINDS`. */
export type SensitiveKind = (typeof SENSITIVE_KINDS)[number];

/** The kind of a column of texts with identifiers in some of them. */
export const TEXT_WITH_IDENTIFIERS = 'text_with_identifiers';

/** Identifiers of one kind inside the texts of a column. */
export interface TextFinding {
  readonly kind: SensitiveKind;
  /** How many cells hold at least one of them. */
  readonly cells: number;
  /** What becomes of them: as the policy says; `warn` also where they may be chance. */
  readonly decision: 'seal' | 'mask' | 'warn';
}

/** What the detectors found in a column. */
export interface SensitiveFinding {
  /** One of `SENSITIVE_KINDS`, `TEXT_WITH_IDENTIFIERS`, or the id of a taught kind. */
  readonly kind: string;
  /** Share of the column's non-empty values that pass the detector's test, or hold identifiers, 0–1. */
  readonly share: number;
  /** Whether the column's name holds one of the detector's words. */
  readonly header: boolean;
  /**
   * `seal`: an identifier, and beyond doubt enough to seal the column. `mask`: the same, but masked for good. `warn`: a
   * person should look. `none`: chance.
   */
  readonly decision: 'seal' | 'mask' | 'warn' | 'none';
  /** Of texts with identifiers: which ones. */
  readonly within?: readonly TextFinding[];
}

/** What is known of a column once every value was seen. It is JSON-able and never holds a value of the file. */
export interface ColumnProfile {
  readonly name: string;
  /** For a sealed column always `text`: its cells are tokens, masks or the text that was sealed. */
  readonly type: ColumnType;
  readonly format: ColumnFormat;
  /** Currency of amounts, an ISO 4217 code or a sign that several share; `%` of percentages; `null` for others. */
  readonly unit: string | null;
  /** Why a column is text that could be more; `null` when nothing is. */
  readonly ambiguous: Ambiguity | null;
  readonly rows: number;
  /** Cells that are absent or hold the empty text. */
  readonly empty: number;
  readonly sealed: boolean;
  /** Why the column is sealed: its values or name gave it away, or the sender asked. */
  readonly sealedBy: 'detected' | 'asked' | null;
  /** `null` when neither a value nor the name pointed to anything. */
  readonly sensitive: SensitiveFinding | null;
  /** Whether the values, or the identifiers inside them, are replaced by masks for good. Such a column is not sealed. */
  readonly masked: boolean;
  /**
   * How values are masked: as their kind is, like any text (`generic`), or only the identifiers in them
   * (`TEXT_WITH_IDENTIFIERS`). `null` for a column that is neither sealed nor masked.
   */
  readonly maskKind: string | null;
  /** Whether the text of any cell differs from what its typed value is written as, so that it must be kept beside it. */
  readonly rawDiffers: boolean;
}

/** How a column is written, told one by one; `null` for what its type does not have. */
export interface ColumnFacts {
  readonly decimalMark: '.' | ',' | null;
  readonly dateOrder: 'ymd' | 'dmy' | 'mdy' | null;
  /** Of timestamps: `utc` when all name their offset, so that they are given in UTC, `none` when none does. */
  readonly zone: 'utc' | 'none' | null;
}

/** What the format of a column says. */
export function columnFacts({ type, format }: Pick<ColumnProfile, 'type' | 'format'>): ColumnFacts {
  const order = format === 'dmy' || format === 'mdy' ? format : 'ymd';
  const fractions = type === 'decimal' || type === 'float';
  return {
    decimalMark: format === 'comma' ? ',' : format === 'point' || fractions ? '.' : null,
    dateOrder: type === 'date' || type === 'timestamp' ? order : null,
    zone: type === 'timestamp' ? (format === 'utc' ? 'utc' : 'none') : null,
  };
}
