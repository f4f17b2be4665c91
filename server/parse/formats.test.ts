import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { READABLE } from './detect.ts';
import { formatFor, loadCommonFormats } from './formats.ts';

const formats = JSON.stringify(new URL('./formats.ts', import.meta.url));

/** What a fresh process has loaded after `code`: folder and name of each source. */
function loadedAfter(code: string): string[] {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    const { formatFor, loadCommonFormats } = await import(${formats});
    ${code}
    console.log(JSON.stringify(loaded.map((url) => url.split('/').slice(-2).join('/'))));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout);
}

test('every kind that can be sent has a reader, but for archives, whose files have theirs', async () => {
  for (const type of READABLE.filter((one) => one !== 'zip')) {
    assert.equal(typeof (await formatFor(type)).read, 'function', type);
  }
  await assert.rejects(formatFor('zip'), { code: 'unsupported_format' });
  await loadCommonFormats();
});

test('a reader is loaded when it is asked for, and no other with it', () => {
  const readers = ['csv', 'xlsx', 'xlsb', 'xls', 'ods', 'json', 'pdf', 'parquet', 'xml'];
  const readersAfter = (code: string) => {
    const loaded = loadedAfter(code);
    return readers.filter((name) => loaded.includes(`parse/${name}.ts`));
  };
  assert.deepEqual(readersAfter(''), []);
  assert.deepEqual(readersAfter("await formatFor('txt');"), ['csv']);
  assert.deepEqual(readersAfter("await formatFor('pdf');"), ['pdf']);
  assert.deepEqual(readersAfter('await loadCommonFormats();'), ['csv', 'xlsx']);
});
