/** White space, dashes, and invisible characters such as the soft hyphen and the byte order mark. */
const SEPARATORS = /[\s\p{Z}\p{Pd}\p{Cf}]+/gu;

/**
 * The form in which a value is looked up, so that `1234-5678 9012` finds `123456789012` and `abcde1234f` a PAN in
 * capitals: Unicode NFKC (full-width digits become plain ones), case folded, separators removed. Other punctuation
 * stays: it tells values apart. Lone surrogates become U+FFFD, as they do when a value is sealed.
 */
export function normalise(value: string): string {
  if (/^[0-9A-Z]*$/.test(value)) return value;
  if (/^[\x20-\x7e]*$/.test(value)) return value.replace(/[ -]+/g, '').toUpperCase();
  // Lower case first: capital sharp s has no other way to SS. NFKC again, because folding can leave marks apart.
  const folded = value.toWellFormed().normalize('NFKC').toLowerCase().toUpperCase();
  return folded.replace(SEPARATORS, '').normalize('NFKC');
}
