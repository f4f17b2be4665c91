import { type ColumnProfile, TEXT_WITH_IDENTIFIERS } from '../profile.ts';
import { findIdentifiers } from './finder.ts';
import type { Found } from './judge.ts';
import { withLikelyCodes } from './likely-codes.ts';

/** A part of a text that holds an identifier of some kind. */
export interface Span {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Finds in a text what is to be hidden of a column with identifiers in its texts: those of the kinds that were found in it
 * with this decision, in order and apart from each other; also those with a wrong check digit below a word that says what
 * they are. Of a sealed column, whose texts can be revealed, also whatever else could be an identifier. `null` for a column of which nothing, or all, is hidden.
 */
export function createSpanFinder(profile: ColumnProfile, decision: 'seal' | 'mask'): ((text: string) => Span[]) | null {
  if (profile.maskKind !== TEXT_WITH_IDENTIFIERS) return null;
  const within = profile.sensitive?.within?.filter((found) => found.decision === decision) ?? [];
  if (within.length === 0) return null;
  const kinds = new Set<string>(within.map(({ kind }) => kind));
  return (text) => {
    const spans: Span[] = [];
    findIdentifiers(text, ({ kind, start, end, valid, form }: Found) => {
      if (kinds.has(kind) && (valid || form === 'named')) spans.push({ kind, start, end });
    });
    return decision === 'seal' ? withLikelyCodes(text, spans) : spans;
  };
}
