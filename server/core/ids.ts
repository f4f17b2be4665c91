import { randomBytes, randomUUID } from 'node:crypto';

/** A new identifier for a row of the database: a random UUID (RFC 9562, version 4). */
export const newId = (): string => randomUUID();

/** A new secret of 256 random bits as base64url, for tokens and tickets that are stored only as a hash. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** Whether `text` has the form of an identifier; anything else names nothing and is answered with 404. */
export const isId = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
