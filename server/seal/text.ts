import { isAscii, isUtf8 } from 'node:buffer';

/**
 * Reads texts that lie in `bytes`: gives a function of start and end that returns the text there, or `null` where the
 * bytes are not UTF-8 (another program may have sealed something that is no text). Looks once whether all is ASCII.
 */
export function textReader(bytes: Buffer): (start: number, end: number) => string | null {
  if (isAscii(bytes)) return (start, end) => bytes.toString('latin1', start, end);
  return (start, end) => (isUtf8(bytes.subarray(start, end)) ? bytes.toString('utf8', start, end) : null);
}
