import type { Batch, Reject } from '../core/batch.ts';
import type { Source } from '../core/source.ts';

/** The kinds of file that can be sent; `txt` is read as delimited text. */
export type FileType = 'csv' | 'txt' | 'xlsx' | 'xlsb' | 'xls' | 'ods' | 'pdf' | 'json' | 'parquet' | 'xml' | 'zip';

/** What a reader may use before it must give up with a `Problem`. All counts are per file. */
export interface ReadLimits {
  /** Columns in one table. */
  readonly columns: number;
  /** Rows over all tables. */
  readonly rows: number;
  /** Cells that hold something, over all tables. */
  readonly cells: number;
  /** UTF-16 units in one cell. */
  readonly cellLength: number;
  /** Bytes that compressed parts may unpack to, counted on bytes really inflated. */
  readonly unpackedBytes: number;
}

/** What is recognised in pictures of text, which takes seconds a page. */
export interface OcrOptions {
  /** Languages by the codes of Tesseract (`eng`, `hin`), each of which has a package. */
  readonly languages: readonly string[];
  /** Pages of one file. */
  readonly pages: number;
  /** Time after which no further page of a file is begun. */
  readonly seconds: number;
}

/** Tells whether a text is or holds an identifier. */
export type IsIdentifier = (text: string) => boolean;

/** What the sender said about the file, a field left out being detected; and what is an identifier. */
export interface ReadOptions {
  readonly limits: ReadLimits;
  /** Column separator of delimited text: one character, and a blank behind it if one may stand there. */
  readonly delimiter?: string;
  /** What encloses cells of delimited text: one ASCII character, `null` for none. */
  readonly quote?: string | null;
  /** What makes a quote part of a cell, one ASCII character; `null`: doubling the quote alone. */
  readonly escape?: string | null;
  /** The character that begins lines of delimited text that are comments. */
  readonly comment?: string;
  /** Lines above the table; 0 says that there are none. */
  readonly skipLines?: number;
  /** A WHATWG encoding label. */
  readonly encoding?: string;
  /** Opens a file that is encrypted under a password; of no use to others. */
  readonly password?: string;
  /** Whether the first row names the columns. */
  readonly header?: 'present' | 'absent';
  /** Lines of the header, from 1. */
  readonly headerRows?: number;
  /**
   * What becomes of rows with more or fewer cells than the header: `reject` (default); fill short ones up (`pad`); and
   * besides give columns of their own to the surplus cells of long ones (`extra`).
   */
  readonly ragged?: 'reject' | 'pad' | 'extra';
  /** Whether a text is or holds what must not become part of a name: a row with such a cell is no header. */
  readonly isIdentifier?: IsIdentifier;
  /** The path of the elements that are rows of an XML document: `feed/entry`. */
  readonly rows?: string;
  /** How scanned pages are recognised where that is installed; absent: they are not. */
  readonly ocr?: OcrOptions;
}

/** The start of a table; the batches and rejects that follow belong to it, up to the next `table`. */
export interface TableStart {
  readonly type: 'table';
  /** The sheet's name, or the file's for formats with one table. */
  readonly name: string;
  /** The columns' names as the header gives them, made unique and never empty (`column_3`, `name_2`). */
  readonly columns: readonly string[];
  /** How it was read, for the profile: `{ delimiter: ',', encoding: 'utf-8', header: true }`. Never holds row values. */
  readonly dialect: Readonly<Record<string, string | number | boolean>>;
}

/** What a reader yields, in the order of the file. */
export type ReadEvent =
  | TableStart
  | { readonly type: 'batch'; readonly batch: Batch }
  | { readonly type: 'reject'; readonly reject: Reject }
  /** Share of the file's bytes really read, 0–1, never going back. */
  | { readonly type: 'progress'; readonly done: number };

/**
 * One format. `read` may be called any number of times on the same source and yields the same events each time.
 * Memory is bounded by the limits and the batch, not by the file.
 * @throws Problem with a code of "why a file failed"; what was yielded before stays valid.
 */
export interface Format {
  read(source: Source, name: string, options: ReadOptions): AsyncIterable<ReadEvent>;
}
