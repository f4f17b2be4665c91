import { Problem } from '../core/problem.ts';

/** @throws Problem `invalid_request` for a change of nothing: what was sent has no member that can be changed. */
export function refuseEmpty(change: object): void {
  if (Object.keys(change).length === 0) throw new Problem('invalid_request', 'Say what to change.');
}
