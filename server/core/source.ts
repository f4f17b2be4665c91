/**
 * The plaintext of one file, for whoever reads it. Reading is by range, because a ZIP archive's directory stands at its
 * end; every call starts a fresh, independent stream. Chunks are of any size and must not be kept or changed after the
 * next one is asked for.
 */
export interface Source {
  /** Size in bytes. */
  readonly size: number;
  /**
   * The bytes from `start` (default 0) up to but not including `end` (default `size`).
   * @throws Problem `data_corrupt` when the stored bytes were damaged, cut off or tampered with; `storage_failed`.
   */
  stream(start?: number, end?: number): AsyncIterable<Uint8Array>;
}
