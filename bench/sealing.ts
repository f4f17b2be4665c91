/**
 * Fernet tokens a second on one core, sealing and opening 12-digit values: ours in WebAssembly and in Node, node:crypto
 * used value by value, and Python's cryptography where /usr/bin/python3 has it. CPU seconds, alternating rounds.
 *
 *     node bench/sealing.ts
 */
import { spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { createNodeSealer, formatFernetKey } from '../server/seal/fernet.ts';
import { referenceToken, referenceValue } from '../server/seal/fernet-reference.ts';
import { createWasmSealer } from '../server/seal/fernet-wasm.ts';
import type { Sealer } from '../server/seal/sealer.ts';
import { cpuSeconds, median, printTable } from './lib/report.ts';

const ROUNDS = 7;
const PYTHON = '/usr/bin/python3';
const PROGRAM = `
import json, sys, time, platform, cryptography
from cryptography.fernet import Fernet
key, values = json.load(sys.stdin)
f, values = Fernet(key), [value.encode() for value in values]
t = time.process_time(); tokens = [f.encrypt(value) for value in values]; seal = time.process_time() - t
t = time.process_time(); opened = [f.decrypt(token) for token in tokens]; open = time.process_time() - t
assert opened == values
print(json.dumps({"seal": seal, "open": open, "version": cryptography.__version__, "python": platform.python_version()}))`;

const key = randomBytes(32);
const values = Array.from({ length: 200_000 }, () => String(randomInt(1e11, 1e12)));
// A slow way is given fewer values, so that all rounds together end within half a minute.
const few = values.slice(0, 10_000);
const now = Math.floor(Date.now() / 1000);

interface Round {
  readonly seal: number;
  readonly open: number;
}

function ours(sealer: Sealer): Round {
  let tokens: string[] = [];
  const seal = values.length / cpuSeconds(() => (tokens = sealer.seal(values, now)));
  const open = values.length / cpuSeconds(() => sealer.open(tokens));
  return { seal, open };
}

function naive(): Round {
  let tokens: string[] = [];
  const seal = cpuSeconds(() => {
    tokens = few.map((value) => referenceToken(key, { value: Buffer.from(value), time: now }));
  });
  return { seal: few.length / seal, open: few.length / cpuSeconds(() => tokens.map((t) => referenceValue(key, t))) };
}

function python(): (Round & { version: string; python: string }) | null {
  const run = spawnSync(PYTHON, ['-c', PROGRAM], {
    input: JSON.stringify([formatFernetKey(key), few]),
    encoding: 'utf8',
  });
  if (run.status !== 0) return null;
  const figures = JSON.parse(run.stdout);
  return { ...figures, seal: few.length / figures.seal, open: few.length / figures.open };
}

const wasm = createWasmSealer(key);
const node = createNodeSealer(key);
const rival = python();
const ways: [name: string, run: () => Round][] = [
  ['ours, WebAssembly', () => ours(wasm)],
  ['ours, Node', () => ours(node)],
  ['node:crypto by the value', naive],
];
if (rival) ways.push(['Python cryptography', () => python()!]);

const results = ways.map(() => [] as Round[]);
for (let round = 0; round <= ROUNDS; round++) {
  // The first round warms up the compilers and is not counted.
  for (const [i, [, run]] of ways.entries())
    if (round > 0) results[i]!.push(run());
    else run();
}

const figures = results.map((rounds) => ({
  seal: median(rounds.map((round) => round.seal)),
  open: median(rounds.map((round) => round.open)),
}));
const base = figures.at(-1)!;
const last = ways.at(-1)![0];
const thousands = (rate: number) => `${Math.round(rate / 1000).toLocaleString('en')} k/s`;
const ratio = (rate: number, to: number) => `${(rate / to).toFixed(1)}x`;
console.log(`Node ${process.versions.node}, OpenSSL ${process.versions.openssl}`);
console.log(
  rival ? `Python ${rival.python}, cryptography ${rival.version}` : `${PYTHON} has no cryptography: not measured`,
);
console.log(`median of ${ROUNDS} alternating rounds, CPU seconds; ratios to ${last}\n`);
printTable([
  ['12-digit values', 'seal', 'ratio', 'open', 'ratio'],
  ...ways.map(([name], i) => {
    const { seal, open } = figures[i]!;
    return [name, thousands(seal), ratio(seal, base.seal), thousands(open), ratio(open, base.open)];
  }),
]);
