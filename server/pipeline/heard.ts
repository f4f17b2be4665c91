import { type ProblemCode, problemTable } from '../core/problem.ts';
import type { ColumnProfile } from '../infer/profile.ts';
import type { FromParser, WrittenDataset } from './protocol.ts';

/** More tables than any file of people has, and few enough that their keys are made in a moment. */
const MOST_TABLES = 10_000;
const MOST_COLUMNS = 10_000;
const MOST_KINDS = 1000;
/** Room for a detail that names a thousand columns. */
const LONGEST_TEXT = 300_000;

/** Why a file fails is for the parser to say; how the service itself fares is not. */
const NOT_A_PARSERS: ReadonlySet<string> = new Set(['unavailable', 'cancelled', 'parser_died']);

/**
 * What a parser process said, if it has the form that it must have; `null` for anything else. The process reads
 * hostile files, so nothing it says may stop the service or be stored unseen.
 */
export function heard(message: unknown): FromParser | null {
  if (!isObject(message)) return null;
  const { type } = message;
  if (typeof type !== 'string' || !Object.hasOwn(KINDS, type)) return null;
  return KINDS[type as FromParser['type']](message) ? (message as unknown as FromParser) : null;
}

const KINDS: Record<FromParser['type'], (message: Fields) => boolean> = {
  started: () => true,
  progress: ({ phase, done }) => (phase === 'parsing' || phase === 'sealing') && Number.isFinite(done),
  tables: ({ count }) => isCount(count) && count <= MOST_TABLES,
  done: ({ datasets }) => isList(datasets, MOST_TABLES) && datasets.every(isDataset),
  failed: ({ code, detail, stack }) => isCode(code) && isText(detail) && (stack === undefined || isText(stack)),
};

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= LONGEST_TEXT;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isList = (value: unknown, most: number): value is unknown[] => Array.isArray(value) && value.length <= most;
const isCode = (value: unknown): value is ProblemCode =>
  typeof value === 'string' && Object.hasOwn(problemTable, value) && !NOT_A_PARSERS.has(value);

function isDataset(value: unknown): value is WrittenDataset {
  if (!isObject(value)) return false;
  const { name, columns, dialect, rows, rejects } = value;
  const told = isObject(dialect) && Object.values(dialect).every(isScalar);
  return (
    isText(name) &&
    told &&
    isCount(rows) &&
    isCount(rejects) &&
    isList(columns, MOST_COLUMNS) &&
    columns.every(isColumn)
  );
}

const isScalar = (value: unknown): boolean => isText(value) || typeof value === 'number' || typeof value === 'boolean';

function isColumn(value: unknown): value is ColumnProfile {
  if (!isObject(value)) return false;
  const { name, type, rows, empty, sealed, sealedBy, masked, sensitive } = value;
  const described = isText(name) && isText(type) && isCount(rows) && isCount(empty) && typeof sealed === 'boolean';
  const written = [value.format, value.unit, value.ambiguous, sealedBy].every((fact) => fact === null || isText(fact));
  return described && written && typeof masked === 'boolean' && (sensitive === null || isFinding(sensitive));
}

function isFinding(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { kind, share, header, decision, within = [] } = value;
  const told = isText(kind) && typeof share === 'number' && typeof header === 'boolean' && isText(decision);
  return told && isList(within, MOST_KINDS) && within.every(isTextFinding);
}

function isTextFinding(value: unknown): boolean {
  return isObject(value) && isText(value.kind) && isCount(value.cells) && isText(value.decision);
}
