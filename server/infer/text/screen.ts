import { type Cell, GLANCES } from '../../core/batch.ts';
import { isHidden, type Policy, treatmentOf } from '../policy.ts';
import { type SensitiveFinding, type SensitiveKind, TEXT_WITH_IDENTIFIERS, type TextFinding } from '../profile.ts';
import { findIdentifiers } from './finder.ts';
import type { Form, Found } from './judge.ts';

/** So many of what has a kind's shape must be valid: a tenth is by chance. */
const SHARE = 0.6;
/** Of PANs two in five are valid by chance, and nothing but that tells them from codes. */
const SHARES: Partial<Record<SensitiveKind, number>> = { pan: 0.8 };
/** Twelve digits in one run are mostly something else: one valid number may be chance. */
const LEAST_BARE: Partial<Record<SensitiveKind, number>> = { aadhaar: 2 };
/** In a run of more groups of four there are several places at which three may be valid by chance. */
const LEAST_AMONG: Partial<Record<SensitiveKind, number>> = { aadhaar: 2 };
/** A share so many times what chance gives is reported. */
const WARN_SHARE = 0.3;
const FORMS: readonly Form[] = ['other', 'bare', 'among', 'usual', 'named'];
/** Codes of three, two and four digits that are most of a column are part numbers as well as social security numbers. */
const MOST = 0.5;
const LONGEST_CODE = 40;
/** Behind a word for another number, and of codes that are whole cells, one or two valid ones may be chance. */
const LEAST_OTHER = 3;

/** Looks for identifiers inside the texts of one column; it counts and keeps none. */
export interface TextScreen {
  /**
   * Sees more cells; those to their `left` may say what they are, as in forms of names and values. Of what are `words` at a
   * glance, none holds an identifier.
   */
  add(cells: readonly Cell[], left?: readonly Cell[], glances?: Uint8Array): void;
  /**
   * What was found beyond chance, in a column of so many filled cells; `null` for nothing. `kinds` are those of which other
   * columns of the table are.
   */
  finish(filled: number, kinds?: ReadonlySet<string>): SensitiveFinding | null;
}

interface Count {
  /** By form. */
  readonly shaped: number[];
  readonly valid: number[];
  cells: number;
  /** The last cell that was counted. */
  cell: number;
}

/** The text screen of one column. Kinds that the policy leaves alone are not counted. */
export function createTextScreen(policy: Policy): TextScreen {
  const counts = new Map<SensitiveKind, Count>();
  const codes = { shaped: 0, valid: 0 };
  let cell = 0;
  let whole = '';
  const take = ({ kind, start, end, valid, form }: Found): void => {
    if (kind === 'us_ssn' && form !== 'named' && end - start === whole.length) {
      codes.shaped++;
      if (valid) codes.valid++;
      return;
    }
    const count = counts.get(kind) ?? { shaped: FORMS.map(() => 0), valid: FORMS.map(() => 0), cells: 0, cell: -1 };
    counts.set(kind, count);
    const place = FORMS.indexOf(form === 'named' || end - start < whole.length ? form : wholeForm(form, whole));
    count.shaped[place]!++;
    if (!valid) return;
    count.valid[place]!++;
    if (count.cell !== cell) count.cells++;
    count.cell = cell;
  };
  const takeNamed = (found: Found): void => {
    if (found.form === 'named') take(found);
  };
  return {
    add(cells, left, glances) {
      for (let i = 0; i < cells.length; i++) {
        if (glances !== undefined && glances[i] === GLANCES.words) continue;
        const text = cells[i];
        if (!text) continue;
        cell++;
        whole = text;
        findIdentifiers(text, take);
        const name = left?.[i];
        if (!name || !isCode(text) || !isName(name)) continue;
        whole = `${name}: ${text}`;
        findIdentifiers(whole, takeNamed);
      }
    },
    finish(filled, kinds) {
      const within = [...counts].flatMap(([kind, count]) => conclude(kind, count, policy, kinds?.has(kind) === true));
      if (!within.some(({ kind }) => kind === 'us_ssn')) within.push(...concludeCodes(codes, filled, policy));
      if (within.length === 0) return null;
      const decision = (['seal', 'mask', 'warn'] as const).find((one) =>
        within.some((found) => found.decision === one),
      )!;
      const share = Math.max(...within.map(({ cells }) => cells)) / filled;
      return { kind: TEXT_WITH_IDENTIFIERS, share, header: false, decision, within };
    },
  };
}

/** A warning of codes that are whole cells and look like social security numbers, where most other cells are something else. */
function concludeCodes(
  { shaped, valid }: { shaped: number; valid: number },
  filled: number,
  policy: Policy,
): TextFinding[] {
  const isLikely = valid > 0 && valid >= SHARE * shaped && shaped < MOST * filled;
  return isLikely && isHidden(treatmentOf(policy, 'us_ssn'))
    ? [{ kind: 'us_ssn', cells: valid, decision: 'warn' }]
    : [];
}

/** Whether all of a cell could be an identifier in one run or in groups. */
function isCode(text: string): boolean {
  return text.length >= 8 && text.length <= LONGEST_CODE && /^[A-Za-z0-9 -]*\d[A-Za-z0-9 -]*$/.test(text);
}

/** Whether a cell could say what the one to its right is. */
function isName(text: string): boolean {
  return text.length <= LONGEST_CODE && /^\D*$/.test(text);
}

/** A code in one run that is all of a cell may be anything, as in a column of codes. */
function wholeForm(form: Form, text: string): Form {
  return /^[A-Za-z0-9]*$/.test(text) ? 'other' : form;
}

/** The finding of a kind: as the policy says if it is certain in any form, a warning where it may be chance. */
function conclude(kind: SensitiveKind, count: Count, policy: Policy, isKnown: boolean): TextFinding[] {
  const treatment = treatmentOf(policy, kind);
  if (treatment === 'leave') return [];
  const least = isKnown ? [1, 1, 1, 1, 1] : [LEAST_OTHER, LEAST_BARE[kind] ?? 1, LEAST_AMONG[kind] ?? 1, 1, 1];
  const certain = FORMS.some((_, form) => {
    const valid = count.valid[form]!;
    return valid >= least[form]! && valid >= (SHARES[kind] ?? SHARE) * count.shaped[form]!;
  });
  if (certain) return [{ kind, cells: count.cells, decision: treatment }];
  const likely = count.valid.some((valid, form) => valid > 1 && valid >= WARN_SHARE * count.shaped[form]!);
  return likely && isHidden(treatment) && SHARES[kind] === undefined
    ? [{ kind, cells: count.cells, decision: 'warn' }]
    : [];
}
