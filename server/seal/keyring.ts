import { Problem } from '../core/problem.ts';
import type { Sealer } from './sealer.ts';

/** A sealer under one key, which can also say which tokens are not its own. */
export interface KeySealer extends Sealer {
  /** The value of each token, in order; `null` for a token that is malformed or does not authenticate under this key. */
  openEach(tokens: readonly string[]): (string | null)[];
}

/**
 * `Sealer.open` over `openEach`: all values, or none.
 * @throws Problem `token_invalid`, naming the index of the first token that could not be opened.
 */
export function openAll(opened: readonly (string | null)[]): string[] {
  const index = opened.indexOf(null);
  if (index === -1) return opened as string[];
  throw new Problem(
    'token_invalid',
    `The token at index ${index} of ${opened.length} is malformed, was changed, or was sealed under another key. ` +
      'Check that the key it was sealed with is among the configured ones.',
    { extra: { index } },
  );
}

/**
 * Several keys as one sealer, so that keys can be rotated: seals under the first, opens with whichever key fits, tried
 * in their order (the behaviour of Python's `MultiFernet`). Tokens of different keys may stand in one batch.
 * @throws Problem `key_invalid` when there is no key.
 */
export function createKeyring(sealers: readonly KeySealer[]): KeySealer {
  const [first, ...older] = sealers;
  if (first === undefined) throw new Problem('key_invalid', 'There is no key to seal with. Give at least one.');
  const openEach = (tokens: readonly string[]) => {
    const opened = first.openEach(tokens);
    for (const sealer of older) openRest(sealer, tokens, opened);
    return opened;
  };
  return {
    seal: (values, now) => first.seal(values, now),
    open: (tokens) => openAll(openEach(tokens)),
    openEach,
  };
}

function openRest(sealer: KeySealer, tokens: readonly string[], opened: (string | null)[]): void {
  const closed = [...opened.keys()].filter((i) => opened[i] === null);
  if (closed.length === 0) return;
  const values = sealer.openEach(closed.map((i) => tokens[i]!));
  closed.forEach((i, j) => {
    opened[i] = values[j]!;
  });
}
