import type { Cell } from '../../core/batch.ts';
import type { Budget } from '../budget.ts';
import type { ReadEvent, ReadLimits } from '../format.ts';
import { rowEvents } from './row-events.ts';

/**
 * The pages whose text was recognised in a picture, which may be wrong: a dataset with a row for each, `page`,
 * `confidence` and `words`; and what is said of that in the dialect of the datasets that hold it.
 */
export interface OcrTable {
  /** A page that was recognised so surely, from 0 to 100. */
  add(page: number, confidence: number, words: number): void;
  readonly isEmpty: boolean;
  /** `ocrPages` (`1-3 7`) and `ocrConfidence`, the average, of the pages from `first` to `last`; nothing where there are none. */
  dialect(first?: number, last?: number): Readonly<Record<string, string | number>>;
  /** The dataset. @throws Problem of a full budget. */
  events(): Generator<ReadEvent>;
}

interface OcrPage {
  readonly page: number;
  readonly confidence: number;
  readonly words: number;
}

const COLUMNS = ['page', 'confidence', 'words'];

/** Without a page yet. */
export function createOcrTable(limits: ReadLimits, budget: Budget): OcrTable {
  const pages: OcrPage[] = [];

  function dialect(first = 1, last = Number.POSITIVE_INFINITY): Readonly<Record<string, string | number>> {
    const within = pages.filter(({ page }) => page >= first && page <= last);
    if (within.length === 0) return {};
    const sum = within.reduce((total, { confidence }) => total + confidence, 0);
    return { ocrPages: runsOf(within), ocrConfidence: Math.round(sum / within.length) };
  }

  function* events(): Generator<ReadEvent> {
    const rows = pages.map(({ page, confidence, words }): Cell[] => [`${page}`, `${confidence}`, `${words}`]);
    yield { type: 'table', name: 'ocr', columns: COLUMNS, dialect: { kind: 'ocr', header: false, ...dialect() } };
    yield* rowEvents(rows, 1, limits, budget);
  }

  return {
    add: (page, confidence, words) => void pages.push({ page, confidence, words }),
    get isEmpty() {
      return pages.length === 0;
    },
    dialect,
    events,
  };
}

/** Pages in a row as one run: `1-3 7`. */
function runsOf(pages: readonly OcrPage[]): string {
  const runs: { from: number; to: number }[] = [];
  for (const { page } of pages) {
    const run = runs.at(-1);
    if (run?.to === page - 1) run.to = page;
    else runs.push({ from: page, to: page });
  }
  return runs.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(' ');
}
