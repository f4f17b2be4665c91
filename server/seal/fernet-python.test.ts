import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createSealer } from './create.ts';
import { createNodeSealer, formatFernetKey } from './fernet.ts';

const PYTHON = '/usr/bin/python3';
const present = spawnSync(PYTHON, ['-c', 'import cryptography.fernet']).status === 0;
const skip =
  present || process.env.CI === 'true'
    ? false
    : `${PYTHON} has no cryptography: install python3-cryptography to run this`;

const KEY = randomBytes(32);
const VALUES = ['', '123456789012', 'naïve 😀 नाम', 'x'.repeat(127), 'x'.repeat(128), 'é'.repeat(5000), 'a\0b\r\n'];
const NOW = Math.floor(Date.now() / 1000);

/** Runs a Python expression over each `text` of `texts`, with `f` the Fernet of our key. */
function python(expression: string, texts: string[]): string[] {
  const program = `
import json, sys
from cryptography.fernet import Fernet
f = Fernet(${JSON.stringify(formatFernetKey(KEY))})
print(json.dumps([${expression} for text in json.load(sys.stdin)]))`;
  const run = spawnSync(PYTHON, ['-c', program], { input: JSON.stringify(texts), encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout);
}

test("Python's cryptography opens what we seal, and finds it fresh", { skip }, () => {
  for (const sealer of [createSealer([KEY]), createNodeSealer(KEY)]) {
    assert.deepEqual(python('f.decrypt(text.encode(), ttl=3600).decode()', sealer.seal(VALUES, NOW)), VALUES);
  }
});

test("we open what Python's cryptography seals", { skip }, () => {
  const tokens = python('f.encrypt(text.encode()).decode()', VALUES);
  assert.deepEqual(createSealer([KEY]).open(tokens), VALUES);
  assert.deepEqual(createNodeSealer(KEY).open(tokens), VALUES);
});
