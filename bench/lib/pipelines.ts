import { createCipheriv, createHmac, randomBytes } from 'node:crypto';
import { createReadStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3-multiple-ciphers';
import { createDiskBlobs } from '../../server/backends/blobs/disk.ts';
import type { FileType } from '../../server/parse/format.ts';
import { ingest } from '../../server/pipeline/ingest.ts';

/** One file to take in: its path and the column that is to be sealed. */
export interface Intake {
  readonly path: string;
  readonly fileType: FileType;
  readonly sealed: string;
}

const LIMITS = { columns: 1500, rows: 50_000_000, cells: 1e9, cellLength: 4 << 20, unpackedBytes: 8 * 1024 ** 3 };

/**
 * What the service does with a file, without HTTP: encrypt it into the blob store, read it back, infer the types of all
 * columns over all rows, seal, and write the encrypted dataset. Returns the number of rows.
 */
export async function intakt({ path, fileType, sealed }: Intake): Promise<number> {
  return inFolder(async (folder) => {
    const blobs = await createDiskBlobs(folder);
    const id = '00000000-0000-4000-8000-000000000000';
    const key = randomBytes(32);
    await blobs.put(id, createReadStream(path, { highWaterMark: 1 << 16 }), {
      key,
      associatedData: id,
      maxBytes: 1e12,
    });
    const task = {
      name: path,
      fileType,
      path: await blobs.localPath(id),
      fileKey: key,
      associatedData: id,
      spoolPath: blobs.stagingPath(id),
      unpackedPath: blobs.stagingPath(id),
      allowed: [],
      fernetKey: randomBytes(32),
      options: { limits: LIMITS },
      seal: [sealed],
      plain: [],
    };
    const place = () => ({
      datasetId: id,
      path: blobs.stagingPath(id),
      rowsKey: randomBytes(32),
      blindIndexKey: randomBytes(32),
    });
    const datasets = await ingest(task, {
      progress() {},
      places: async (count) => Array.from({ length: count }, place),
    });
    return datasets.reduce((sum, { rows }) => sum + rows, 0);
  });
}

/** The usual way with csv-parse: stream, seal each value with node:crypto, insert into plain SQLite. */
export async function withCsvParse(intake: Intake): Promise<number> {
  const { parse } = await import('csv-parse');
  return usual(intake, createReadStream(intake.path).pipe(parse()) as AsyncIterable<string[]>);
}

/** The same with papaparse as a Node stream. */
export async function withPapaparse(intake: Intake): Promise<number> {
  const { default: Papa } = await import('papaparse');
  return usual(
    intake,
    createReadStream(intake.path).pipe(Papa.parse(Papa.NODE_STREAM_INPUT)) as AsyncIterable<string[]>,
  );
}

/** The same with exceljs's streaming reader. */
export async function withExceljs(intake: Intake): Promise<number> {
  const { default: ExcelJS } = await import('exceljs');
  const options = {
    worksheets: 'emit',
    sharedStrings: 'cache',
    styles: 'cache',
    hyperlinks: 'ignore',
    entries: 'emit',
  } as const;
  async function* rows(): AsyncGenerator<unknown[]> {
    for await (const sheet of new ExcelJS.stream.xlsx.WorkbookReader(intake.path, options)) {
      for await (const row of sheet) yield (row.values as unknown[]).slice(1);
    }
  }
  return usual(intake, rows());
}

/** The same with exceljs's usual way, which reads the whole workbook at once. */
export async function withExceljsWhole(intake: Intake): Promise<number> {
  const { default: ExcelJS } = await import('exceljs');
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(intake.path);
  async function* rows(): AsyncGenerator<unknown[]> {
    const sheet = book.worksheets[0]!;
    for (let n = 1; n <= sheet.rowCount; n++) yield (sheet.getRow(n).values as unknown[]).slice(1);
  }
  return usual(intake, rows());
}

/** The same with SheetJS's maintained republication, which reads the whole workbook at once. */
export async function withSheetjs(intake: Intake): Promise<number> {
  const { readFile, utils, set_fs } = await import('@e965/xlsx');
  set_fs(await import('node:fs'));
  const book = readFile(intake.path, { dense: true });
  const rows = utils.sheet_to_json<unknown[]>(book.Sheets[book.SheetNames[0]!]!, { header: 1, raw: true });
  async function* all(): AsyncGenerator<unknown[]> {
    yield* rows;
  }
  return usual(intake, all());
}

/** Inserts rows into a plain SQLite table, in one transaction, after the named column of each was sealed. */
async function usual({ sealed }: Intake, rows: AsyncIterable<unknown[]>): Promise<number> {
  return inFolder(async (folder) => {
    const db = new Sqlite(join(folder, 'rows.db'));
    const seal = naiveFernet(randomBytes(32));
    let insert: ReturnType<typeof db.prepare> | undefined;
    let at = -1;
    let width = 0;
    let count = 0;
    for await (const row of rows) {
      if (!insert) {
        at = row.indexOf(sealed);
        width = row.length;
        db.exec(`create table rows (${row.map((_, i) => `c${i}`).join(',')})`);
        insert = db.prepare(`insert into rows values (${row.map(() => '?').join(',')})`);
        db.exec('begin');
        continue;
      }
      const cells = Array.from({ length: width }, (_, i) => toBindable(row[i]));
      if (cells[at] !== null) cells[at] = seal(String(cells[at]));
      insert.run(cells);
      count++;
    }
    db.exec('commit');
    db.close();
    return count;
  });
}

function toBindable(value: unknown): string | number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number') return value;
  return value instanceof Date ? value.toISOString() : String(value);
}

/** Fernet as most write it: a cipher and an HMAC object for each value. */
function naiveFernet(key: Uint8Array): (value: string) => string {
  const [signing, encryption] = [key.subarray(0, 16), key.subarray(16)];
  return (value) => {
    const head = Buffer.alloc(9);
    head[0] = 0x80;
    head.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000)), 1);
    const iv = randomBytes(16);
    const cipher = createCipheriv('aes-128-cbc', encryption, iv);
    const body = Buffer.concat([head, iv, cipher.update(value, 'utf8'), cipher.final()]);
    const token = Buffer.concat([body, createHmac('sha256', signing).update(body).digest()]).toString('base64');
    return token.replaceAll('+', '-').replaceAll('/', '_');
  };
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'intakt-bench-'));
  mkdirSync(folder, { recursive: true });
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
