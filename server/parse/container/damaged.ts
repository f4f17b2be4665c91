import { Problem } from '../../core/problem.ts';
import type { Packing } from '../content.ts';

/** `archive_corrupt` for a file that cannot be unpacked. */
export function damaged(packing: Packing): Problem {
  const detail = `The ${packing} data is damaged or cut off. Pack the file again and upload that copy.`;
  return new Problem('archive_corrupt', detail);
}
