import { createInference } from '../../../server/infer/infer.ts';
import type { SensitiveKind } from '../../../server/infer/profile.ts';
import { createSpanFinder } from '../../../server/infer/text/spans.ts';
import { createRandom, type Random } from './random.ts';
import { needsWord, OTHER_TEXTS, prose, remark, TEXT_KINDS } from './texts.ts';

/** How identifiers of one kind inside texts fared. */
export interface TextScore {
  readonly kind: SensitiveKind;
  /** Columns of remarks with this kind in some cells, and those of them that are sealed. */
  readonly columns: number;
  readonly sealed: number;
  /** Identifiers in the sealed ones, and those whose place is masked in full. */
  readonly identifiers: number;
  readonly masked: number;
}

/** The scores, and of other texts how many columns were sealed. */
export interface TextScores {
  readonly kinds: readonly TextScore[];
  readonly others: readonly { readonly name: string; readonly columns: number; readonly sealed: number }[];
}

const CELLS = 200;
const NAMES = ['remark', 'note', 'comment', 'Bemerkung', 'column_7'];

/** Makes columns of remarks and of other texts, `rounds` of each sort, lets each be judged and counts. */
export function scoreTexts(rounds: number, seed: number): TextScores {
  const random = createRandom(seed);
  const kinds = new Map<SensitiveKind, { columns: number; sealed: number; identifiers: number; masked: number }>();
  for (const of of TEXT_KINDS) {
    const count = kinds.get(of.kind) ?? { columns: 0, sealed: 0, identifiers: 0, masked: 0 };
    kinds.set(of.kind, count);
    for (let round = 0; round < rounds; round++) {
      for (const format of of.formats) {
        for (const named of needsWord(of, format) ? [true] : [true, false]) {
          scoreColumn(random, () => [format(of.value(random)), named ? random.pick(of.words) : ''], count);
        }
      }
    }
  }
  const others = Object.entries(OTHER_TEXTS).map(([name, value]) => {
    const columns = Array.from({ length: rounds * 4 }, (_, i) => otherColumn(random, value, i % 4));
    return { name, columns: columns.length, sealed: columns.filter((cells) => judge(random, cells).sealed).length };
  });
  return { kinds: [...kinds].map(([kind, count]) => ({ kind, ...count })), others };
}

/** One to four cells of remarks hold an identifier. */
function scoreColumn(
  random: Random,
  make: () => [value: string, word: string],
  count: { columns: number; sealed: number; identifiers: number; masked: number },
): void {
  const cells: string[] = Array.from({ length: CELLS }, () => prose(random));
  const held = Array.from({ length: 1 + random.below(4) }, () => {
    const [value, word] = make();
    const at = random.below(CELLS);
    cells[at] = remark(random, value, word);
    return { at, value };
  });
  const profile = judge(random, cells);
  count.columns++;
  if (!profile.sealed) return;
  count.sealed++;
  const find = createSpanFinder(profile, 'seal');
  for (const { at, value } of held) {
    if (!cells[at]!.includes(value)) continue;
    const start = cells[at]!.lastIndexOf(value);
    const spans = find === null ? [{ start: 0, end: Number.POSITIVE_INFINITY }] : find(cells[at]!);
    count.identifiers++;
    if (spans.some((span) => span.start <= start && span.end >= start + value.length)) count.masked++;
  }
}

/** All cells hold such a text, or one in ten does, or five do, or one alone. */
function otherColumn(random: Random, value: (random: Random) => string, sort: number): string[] {
  const places = new Set(Array.from({ length: [0, 0, 5, 1][sort]! }, () => random.below(CELLS)));
  const holds = (i: number) => sort === 0 || (sort === 1 ? random.below(10) === 0 : places.has(i));
  return Array.from({ length: CELLS }, (_, i) => (holds(i) ? value(random) : prose(random)));
}

function judge(random: Random, cells: readonly string[]) {
  const inference = createInference([random.pick(NAMES)], { seal: [], plain: [] });
  inference.add({ length: cells.length, columns: [cells] });
  return inference.finish()[0]!;
}
