import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, newAdmin } from '../../../test/helpers/client.ts';
import { startService } from '../../../test/helpers/service.ts';
import { startClients, watch } from './clients.ts';
import { kill, pause, restart, type Site, startAndKill } from './kill.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { checkAudit, listAll, lookAtDisk } from './verify.ts';
import { createRandom } from './workload.ts';

/** What came of the rounds. */
export interface Summary {
  rounds: number;
  /** Uploads answered with 202. */
  acknowledged: number;
  /** Uploads whose answer was lost or that were aborted, and that are there nevertheless, as a whole. */
  unacknowledged: number;
  /** Killed while so many uploads waited for their answer, and so many files were being parsed. */
  whileReceiving: number;
  whileParsing: number;
  auditEntries: number;
  /** Longest time from a start to a healthy answer, and from a start to the first step of a waiting job. */
  recoveryMs: number;
  resumedMs: number;
  /** Everything that must not be; each begins with `lost`, `duplicate`, `partial` and so on. */
  problems: string[];
}

const KILL_WITHIN_MS = 2500;
const FIRST_STARTS_MS = [50, 150, 250, 350, 450, 600];
const KEPT_FILES = 12;

/** Kills the service at `rounds` random moments of upload, parsing and publication, and looks each time at what is left. */
export async function crashRounds(rounds: number, seed: number, say: (line: string) => void): Promise<Summary> {
  const dataDir = mkdtempSync(join(tmpdir(), 'intakt-crash-'));
  const random = createRandom(seed);
  const ledger = createLedger();
  const summary = emptySummary();
  try {
    for (const ms of FIRST_STARTS_MS) await startAndKill(dataDir, ms);
    let site = await firstStart(dataDir);
    for (let round = 1; round <= rounds; round++) {
      const before = summary.problems.length;
      await disturb(site, ledger, round, random(), summary, createRandom(seed + round));
      if (random() < 0.25) await startAndKill(dataDir, random() * 900);
      site = await restart(site, summary);
      await check(site, ledger, summary, round === rounds);
      summary.rounds = round;
      for (const problem of summary.problems.slice(before)) say(`round ${round}: ${problem}`);
    }
    await site.service.stop();
    return summary;
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function emptySummary(): Summary {
  const figures = { rounds: 0, acknowledged: 0, unacknowledged: 0, whileReceiving: 0, whileParsing: 0 };
  return { ...figures, auditEntries: 0, recoveryMs: 0, resumedMs: 0, problems: [] };
}

async function firstStart(dataDir: string): Promise<Site> {
  const service = await startService({ DATA_DIR: dataDir });
  return { service, person: await newAdmin(service) };
}

async function disturb(
  site: Site,
  ledger: Ledger,
  round: number,
  moment: number,
  summary: Summary,
  random: () => number,
): Promise<void> {
  const clients = startClients(site.person, ledger, round, random);
  // Early moments more often: an upload takes milliseconds, a parse seconds.
  await pause(moment ** 2 * KILL_WITHIN_MS);
  summary.whileReceiving += clients.waiting();
  summary.whileParsing += clients.unfinished();
  await kill(site.service, round % 2 === 0, summary.problems);
  await clients.done;
  summary.problems.push(...clients.problems);
  summary.acknowledged += ledger.ofRound(round).filter(({ acknowledged }) => acknowledged).length;
}

async function check({ service, person }: Site, ledger: Ledger, summary: Summary, all: boolean): Promise<void> {
  const watcher = watch(person, ledger);
  const settled = async () => (await listAll(person)).every(({ status }) => status !== 'processing');
  await eventually('every file is over', settled, 120);
  watcher.stopWatching();
  await watcher.done;
  const compared = await ledger.compare(person, await listAll(person), all);
  summary.unacknowledged += compared.unacknowledged;
  summary.problems.push(...watcher.problems, ...compared.problems, ...(await checkDisk(service.dataDir, ledger)));
  const { entries, problems } = await checkAudit(person);
  summary.auditEntries = entries;
  summary.problems.push(...problems);
  for (const entry of ledger.present().slice(0, -KEPT_FILES)) {
    await person.delete(`/files/${entry.fileId}`);
    entry.removed = 'yes';
  }
}

/** What lies on the disk is what the ledger knows, and nothing else. */
async function checkDisk(dataDir: string, ledger: Ledger): Promise<string[]> {
  const files = ledger.present();
  const expected = files.reduce((sum, { planned }) => sum + 1 + planned.tables.length, 0);
  const clean = () => {
    const { blobs, staged } = lookAtDisk(dataDir);
    return blobs.length === expected && staged.length === 0;
  };
  try {
    await eventually('only what belongs to a file is stored', clean, 5);
    return [];
  } catch {
    const { blobs, staged } = lookAtDisk(dataDir);
    return [`left behind: ${blobs.length} blobs where ${expected} belong to files, and ${staged.length} staged files`];
  }
}
