import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call, eventually, newAdmin, type Person } from '../../../test/helpers/client.ts';
import { childrenOf, isRunning } from '../../../test/helpers/processes.ts';
import { startService } from '../../../test/helpers/service.ts';
import { restart, type Site } from '../crash/kill.ts';
import { checkAudit, checkFile, listAll, lookAtDisk } from '../crash/verify.ts';
import { createRandom, type Planned, planUpload } from '../crash/workload.ts';
import { type Fault, inject } from './strace.ts';

/** What came of the faults. */
export interface FaultSummary {
  points: number;
  /** Points at which the fault happened at all. */
  hit: number;
  /** Uploads answered with 202, with a problem, or not at all. */
  acknowledged: number;
  refused: number;
  unanswered: number;
  /** Acknowledged files that failed with a reason in the end; their originals were still there. */
  failed: number;
  /** Times that the service ended and was started again. */
  restarts: number;
  problems: string[];
}

/** Uploads a file at each fault, then looks whether anything was promised that is not kept. */
export async function runFaults(faults: readonly Fault[], seed: number, say: (line: string) => void) {
  const dataDir = mkdtempSync(join(tmpdir(), 'intakt-faults-'));
  const summary: FaultSummary = {
    points: 0,
    hit: 0,
    acknowledged: 0,
    refused: 0,
    unanswered: 0,
    failed: 0,
    restarts: 0,
    problems: [],
  };
  try {
    const service = await startService({ DATA_DIR: dataDir });
    let site: Site = { service, person: await newAdmin(service) };
    for (const [index, fault] of faults.entries()) {
      const planned = planUpload(`point${index}`, createRandom(seed + index));
      const before = summary.problems.length;
      const told = await uploadDuring(site, fault, planned, summary);
      site = await backToLife(site, summary);
      await check(site, planned, told, summary);
      summary.points++;
      for (const problem of summary.problems.slice(before))
        say(`${fault.calls} ${fault.what} when=${fault.when}: ${problem}`);
    }
    await site.service.stop();
    return summary;
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Uploads while the fault is there, waits until the file is over or nothing more can be learnt, and ends the fault. */
async function uploadDuring({ service, person }: Site, fault: Fault, planned: Planned, summary: FaultSummary) {
  await eventually('a parser is warm', () => childrenOf(service.pid).length > 0);
  const injection = await inject(service.pid, fault);
  try {
    const answer = await person.upload(planned.name, planned.bytes).catch((error) => {
      if (error.code === 'ERR_ASSERTION') summary.problems.push(error.message);
      return null;
    });
    if (answer?.status === 202) await over(person, answer.body.file_id);
    if (injection.hits() > 0) summary.hit++;
    summary[answer === null ? 'unanswered' : answer.status === 202 ? 'acknowledged' : 'refused']++;
    if (answer && ![202, 500, 503].includes(answer.status))
      summary.problems.push(`answered ${answer.status}: ${answer.text}`);
    return answer?.status === 202 ? (answer.body.file_id as string) : null;
  } finally {
    await injection.end();
  }
}

async function over(person: Person, fileId: string): Promise<void> {
  const isOver = async () => (await person.get(`/files/${fileId}`)).status === 200;
  await eventually('over', () => isOver().catch(() => true), 3).catch(() => {});
}

/** The same service if it lives, else a new one on the same data. */
async function backToLife(site: Site, summary: FaultSummary): Promise<Site> {
  if (isRunning(site.service.pid)) return site;
  summary.restarts++;
  return restart(site, { ...summary, recoveryMs: 0, resumedMs: 0 });
}

async function check(site: Site, planned: Planned, told: string | null, summary: FaultSummary) {
  const { service, person } = site;
  const { problems } = summary;
  const health = await call(`${service.url}/`);
  if (health.body.status !== 'ok') problems.push(`health is ${health.text}`);
  const settled = async () => (await listAll(person)).every(({ status }) => status !== 'processing');
  await eventually('settled', settled, 60).catch(() => problems.push('stuck: a file is not over after a minute'));
  const files = await listAll(person);
  const found = files.filter(({ filename }) => filename === planned.name);
  if (told && found.length !== 1) problems.push(`lost: acknowledged, and there ${found.length} times`);
  for (const { file_id, status, error } of found) {
    if (status === 'ready') problems.push(...(await checkFile(person, file_id, planned)));
    else {
      summary.failed++;
      if (!error || !/storage_failed|internal|parser_died|data_corrupt/.test(error.code))
        problems.push(`failed with ${JSON.stringify(error)}`);
    }
    await person.delete(`/files/${file_id}`);
  }
  problems.push(...(await leftBehind(service.dataDir)), ...(await checkAudit(person)).problems);
}

/** Every file has been removed, so nothing may be stored any more. */
async function leftBehind(dataDir: string): Promise<string[]> {
  const empty = () => Object.values(lookAtDisk(dataDir)).every(({ length }) => length === 0);
  return eventually('empty', empty, 5).then(
    () => [],
    () => [`left behind: ${JSON.stringify(lookAtDisk(dataDir))}`],
  );
}
