import { toText } from './table.ts';

/** Shows how far something is. */
export interface Meter {
  /** `done` from 0 to 1. */
  update(phase: string, done: number): void;
  /** Clears the bar. */
  end(): void;
}

const BAR = 24;
const EVERY_MS = 50;

/** A bar on the terminal's last line, redrawn at most 20 times a second. */
export function createBar(label: string, { stderr } = process): Meter {
  let last = 0;
  let shown = '';
  return {
    update(phase, done) {
      const filled = Math.round(Math.min(1, done) * BAR);
      const percent = `${Math.floor(done * 100)}`.padStart(3);
      const line = `${phase.padEnd(9)} ${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${percent} %  ${toText(label)}`;
      if (line === shown || (done < 1 && Date.now() - last < EVERY_MS)) return;
      last = Date.now();
      shown = line;
      stderr.write(`\r\x1b[2K${line.slice(0, (stderr.columns || 80) - 1)}`);
    },
    end() {
      if (shown) stderr.write('\r\x1b[2K');
      shown = '';
    },
  };
}

/** A line for each phase that begins. */
export function createLines(label: string, note: (line: string) => void): Meter {
  let last = '';
  return {
    update(phase) {
      if (phase === last) return;
      last = phase;
      note(`${toText(label)}: ${phase}`);
    },
    end() {},
  };
}
