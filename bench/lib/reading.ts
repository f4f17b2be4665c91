/** What one reading took, without the start of the process and the loading of the reader. */
export interface Reading {
  readonly rows: number;
  /** UTF-16 units in the column `address`, which shows that cells were read alike. */
  readonly units: number;
  /** User and system time of all threads, for the first reading of the process and for the third, which is warm. */
  readonly cold: number;
  readonly warm: number;
}

/** Reads three times; `read` hands over the address of every row. */
export async function readThrice(
  read: (onAddress: (address: string | null) => void) => Promise<void>,
): Promise<Reading> {
  const seconds: number[] = [];
  let rows = 0;
  let units = 0;
  for (let i = 0; i < 3; i++) {
    rows = 0;
    units = 0;
    const start = process.cpuUsage();
    await read((address) => {
      rows++;
      units += address?.length ?? 0;
    });
    const { user, system } = process.cpuUsage(start);
    seconds.push((user + system) / 1e6);
  }
  return { rows, units, cold: seconds[0]!, warm: seconds[2]! };
}
