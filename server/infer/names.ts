import { VALID } from './detectors/detector.ts';
import { fits, wholeValue } from './detectors/dispatch.ts';
import type { Detection } from './infer.ts';
import { isHidden, treatmentOf } from './policy.ts';
import { createKit, USUAL_KIT } from './sensitive.ts';
import { findIdentifiers } from './text/finder.ts';
import type { Span } from './text/spans.ts';

/** What binds words in names and paths; in texts it binds digits to something longer. Days, of statements, are no numbers. */
const BINDERS = /(?<!\d)\d{4}-\d\d-\d\d(?!\d)|[_/\\#]/g;
/** What may be a part of a number or an address, and may as well part it from the rest of a name. */
const SEPARATORS = /[-+.:]/g;

/**
 * Finds what must not stand in the name of a column, a sheet or a table, where nothing is sealed: whatever would be sealed or
 * masked as a value. One identifier is enough, for a name has no column beside it by which chance could be told. The parts
 * are in order and apart from each other.
 */
export type NameFinder = (name: string) => Span[];

/** The finder for what is looked for in values; taught kinds only where a name has a digit, as codes do and words do not. */
export function createNameFinder(detection?: Detection): NameFinder {
  const { policy, detectors } = detection ? createKit(detection.policy, detection.taught) : USUAL_KIT;
  const hides = (kind: string) => isHidden(treatmentOf(policy, kind));
  const whole = detectors.filter(({ kind, header }) => header !== 'needed' && hides(kind));
  return (name) => {
    if (!/[\d@]/.test(name)) return [];
    const found = whole.find((detector) => {
      const value = wholeValue(detector, name);
      return fits(detector, value) && detector.test(value) === VALID;
    });
    if (found) return [{ kind: found.kind, start: 0, end: name.length }];
    const path = name.replace(BINDERS, ({ length }) => ' '.repeat(length));
    const words = path.replace(SEPARATORS, ' ');
    return join([...findValid(path, hides), ...(words === path ? [] : findValid(words, hides))]);
  };
}

function findValid(name: string, hides: (kind: string) => boolean): Span[] {
  const spans: Span[] = [];
  findIdentifiers(name, ({ kind, start, end, valid }) => {
    if (valid && hides(kind)) spans.push({ kind, start, end });
  });
  return spans;
}

/** The spans in order, those that overlap as one. */
function join(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last === undefined || span.start >= last.end) joined.push(span);
    else joined[joined.length - 1] = { ...last, end: Math.max(last.end, span.end) };
  }
  return joined;
}
