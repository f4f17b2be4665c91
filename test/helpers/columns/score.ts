import { createInference } from '../../../server/infer/infer.ts';
import { POLICY } from '../../../server/infer/policy.ts';
import { SENSITIVE_KINDS, type SensitiveKind } from '../../../server/infer/profile.ts';
import { KINDS, type KindOfColumn } from './kinds.ts';
import { OTHERS } from './others.ts';
import { createRandom, type Random, UPPER } from './random.ts';

/** How often a detector was right over all columns. */
export interface Score {
  readonly kind: SensitiveKind;
  /** Columns of this kind that are to be found, found, and missed. */
  readonly columns: number;
  readonly found: number;
  /** Columns of another kind, or of none, that were taken for this one. */
  readonly wrong: number;
  /** Those of `columns` that were missed and those that were wrong, as `kind or name, header`. */
  readonly mistakes: readonly string[];
}

/**
 * A score of every kind; columns that are none but were sealed as texts with identifiers, and those that stayed plain but
 * were reported for an identifier.
 */
export interface Scores {
  readonly scores: readonly Score[];
  readonly tables: number;
  readonly sealedTexts: readonly string[];
  readonly warned: readonly string[];
}

interface Case {
  readonly expected: SensitiveKind | null;
  readonly label: string;
  readonly header: string;
  readonly cells: readonly (string | null)[];
}

const NEUTRAL = ['column_7', 'value', 'ref', 'code', 'field', 'data', 'wert', 'number', 'मान', 'x'];
/**
 * Names that are hints of one kind or another, above columns that are nothing of it. Not among them are names with which
 * the very same values would be of the kind, such as dates below `birth`.
 */
const MISLEADING = [
  'uid',
  'card',
  'vid',
  'host',
  'cc',
  'ni',
  'licence number',
  'tax id',
  'gst',
  'mail',
  'tin',
  'source',
];
/** Names of something else above identifiers. */
const WRONG = ['phone', 'order_no', 'name', 'note', 'amount', 'invoice', 'city', 'status'];

/** Makes `rounds` tables' worth of columns with `seed`, lets every one be judged, and counts. */
export function scoreDetectors(rounds: number, seed: number): Scores {
  const random = createRandom(seed);
  const tally = new Map(
    SENSITIVE_KINDS.map((kind) => [kind, { columns: 0, found: 0, wrong: 0, mistakes: [] as string[] }]),
  );
  const warned: string[] = [];
  const sealedTexts: string[] = [];
  let tables = 0;
  for (let round = 0; round < rounds; round++) {
    for (const column of [...KINDS.flatMap((kind) => positives(kind, random)), ...negatives(random)]) {
      tables++;
      const finding = judge(column);
      const kind = finding?.kind as SensitiveKind | undefined;
      const got = kind && finding!.decision === POLICY[kind] ? kind : null;
      const label = `${column.label} under "${column.header}"`;
      if (column.expected) tally.get(column.expected)!.columns++;
      if (got && got === column.expected) tally.get(got)!.found++;
      else if (column.expected) tally.get(column.expected)!.mistakes.push(`missed ${label}, taken for ${got}`);
      if (got && got !== column.expected) {
        tally.get(got)!.wrong++;
        tally.get(got)!.mistakes.push(`wrong ${label}`);
      }
      const inside = finding?.within?.map((found) => found.kind).join(', ');
      if (got || column.expected) continue;
      if (finding?.decision === 'seal') sealedTexts.push(`${label}: ${inside}`);
      if (finding?.decision === 'warn') warned.push(`${label}: ${finding.kind} ${inside ?? ''}`);
    }
  }
  return { scores: [...tally].map(([kind, counts]) => ({ kind, ...counts })), tables, sealedTexts, warned };
}

function judge({ header, cells }: Case) {
  const inference = createInference([header], { seal: [], plain: [] });
  inference.add({ length: cells.length, columns: [cells] });
  return inference.finish()[0]!.sensitive;
}

/** In every format below a helpful name; below others only what is to be found alone. */
function positives(kind: KindOfColumn, random: Random): Case[] {
  const headers = [random.pick(kind.helpful), ...(kind.alone ? [random.pick(NEUTRAL), random.pick(WRONG)] : [])];
  return kind.formats.flatMap((format) =>
    headers.map((header) => ({
      expected: kind.kind,
      label: kind.kind,
      header,
      cells: cells(random, () => format(kind.value(random))),
    })),
  );
}

function negatives(random: Random): Case[] {
  return OTHERS.flatMap((other) =>
    [other.header, random.pick(NEUTRAL), random.pick(MISLEADING)].map((header) => ({
      expected: null,
      label: other.name,
      header,
      cells: cells(random, (row) => other.value(random, row)),
    })),
  );
}

/** 40 to 200 cells, of which 5 % are empty and 5 % mistyped. */
function cells(random: Random, value: (row: number) => string): (string | null)[] {
  return Array.from({ length: 40 + random.below(161) }, (_, row) => {
    const chance = random.below(100);
    if (chance < 5) return null;
    const text = value(row);
    return chance < 10 ? mistype(text, random) : text;
  });
}

/** One character is another one of its class, or is missing. */
function mistype(text: string, random: Random): string {
  const at = random.below(text.length);
  const character = text[at]!;
  const other = /\d/.test(character) ? random.digits(1) : random.from(UPPER, 1);
  return text.slice(0, at) + (random.below(4) === 0 ? '' : other) + text.slice(at + 1);
}
