import { verhoeffDigit } from '../../bench/lib/verhoeff.ts';

/** `count` different invented numbers of the form of an Aadhaar number, with the right check digit. */
export function inventedAadhaars(count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const body = `${2 + (i % 8)}${String(1_234_567_891 + i * 7_919).padStart(10, '0')}`;
    return body + verhoeffDigit(body);
  });
}
