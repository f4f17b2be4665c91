import { mask } from './mask.ts';

/** A part of a text, from `start` to before `end`, that is masked as its kind is. */
export interface MaskedSpan {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

/** The text with these parts of it masked, the rest as it stands. They are in order and apart from each other. */
export function maskSpans(text: string, spans: readonly MaskedSpan[]): string {
  let masked = '';
  let at = 0;
  for (const { kind, start, end } of spans) {
    masked += text.slice(at, start) + mask(text.slice(start, end), kind);
    at = end;
  }
  return masked + text.slice(at);
}
