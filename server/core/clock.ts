/** The current time in milliseconds since 1970. Handed to whatever needs it, so that tests can move it. */
export type Clock = () => number;

/** `ms` since 1970 as RFC 3339 text in UTC, the form of every time in an answer. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** As `isoTime`, `null` staying `null`. */
export const isoTimeOrNull = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));
