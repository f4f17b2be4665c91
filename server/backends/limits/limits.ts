/**
 * Counters that forget: what rate limits and the throttle of logins count in. A counter begins with its first `add` and
 * is gone when its window is over.
 */
export interface Limits {
  /** Counts one more; how many there are in the window now, and in how many milliseconds it ends. */
  add(key: string, windowMs: number): Promise<Count>;
  /** How many there are, without counting. */
  read(key: string): Promise<Count>;
  /** Forgets a counter before its time. */
  remove(key: string): Promise<void>;
  close(): Promise<void>;
}

/** What a counter holds. */
export interface Count {
  readonly count: number;
  /** Milliseconds until the counter is gone; 0 where there is none. */
  readonly leftMs: number;
}
