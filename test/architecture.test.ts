import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const sources = globSync('server/**/*.ts', { cwd: root }).filter(
  (file) => !file.endsWith('.test.ts') && !file.includes('/wasm/'),
);

interface Import {
  readonly file: string;
  readonly line: number;
  /** Path from the project's root, or a package's name. */
  readonly target: string;
}

const imports: Import[] = sources.flatMap((file) =>
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .flatMap((text, index) => {
      const specifier = /(?:from|import|import\()\s*'([^']+)'/.exec(text)?.[1];
      if (!specifier) return [];
      const target = specifier.startsWith('.') ? relative(root, join(root, dirname(file), specifier)) : specifier;
      return [{ file, line: index + 1, target }];
    }),
);

/** What wires and starts the rest, in no folder. */
const ROOTS = ['app.ts', 'main.ts', 'operator.ts', 'secrets.ts'];
const FEATURES = ['accounts', 'audit', 'datasets', 'files', 'infer', 'keys', 'parse', 'seal'];
const LAYERS = ['core', 'backends', ...FEATURES, 'http', 'pipeline'];
/** What each folder may import besides itself, core, packages and Node. */
const MAY: Record<string, string[]> = {
  core: [],
  parse: [],
  infer: [],
  seal: [],
  keys: ['seal', 'backends'],
  audit: ['backends'],
  accounts: ['audit', 'keys', 'infer', 'seal', 'backends'],
  files: ['audit', 'keys', 'infer', 'parse', 'seal', 'backends'],
  datasets: ['audit', 'keys', 'files', 'infer', 'seal', 'backends'],
  backends: ['seal', 'parse'],
  http: [...FEATURES, 'backends'],
  pipeline: [...FEATURES, 'backends'],
};

const folderOf = (path: string): string => path.split('/')[1] ?? '';
const say = ({ file, line, target }: Import) => `${file}:${line} imports ${target}`;
const inServer = imports.filter(({ target }) => target.startsWith('server/'));

test('imports go one way: core, backends, features, then http and pipeline, then app, then main', () => {
  const wrong = inServer.filter(({ file, target }) => {
    const [from, to] = [folderOf(file), folderOf(target)];
    if (!LAYERS.includes(from)) return !ROOTS.includes(from) && LAYERS.includes(to) && to !== 'core';
    return from !== to && to !== 'core' && !MAY[from]!.includes(to);
  });
  assert.deepEqual(wrong.map(say), []);
});

test('an adapter is imported by app.ts and its own folder alone; others see the interface', () => {
  const isInterface = (path: string) => /^server\/backends\/(\w+)\/(\1|schema)\.ts$/.test(path);
  const wrong = inServer.filter(
    ({ file, target }) =>
      target.startsWith('server/backends/') &&
      !isInterface(target) &&
      file !== 'server/app.ts' &&
      dirname(file) !== dirname(target) &&
      dirname(file) !== dirname(dirname(target)) &&
      !file.startsWith(dirname(target)),
  );
  assert.deepEqual(wrong.map(say), []);
});

test('the web framework appears only in http/', () => {
  const wrong = imports.filter(
    ({ file, target }) => /^(fastify|@fastify\/|typebox)/.test(target) && folderOf(file) !== 'http',
  );
  assert.deepEqual(wrong.map(say), []);
});

test('only what is started as a process touches the process it runs in', () => {
  const allowed = ['server/main.ts', 'server/operator.ts', 'server/pipeline/parser-process.ts'];
  const wrong = sources.filter(
    (file) =>
      !allowed.includes(file) &&
      /(?<![\w.'"])process\.(env|argv|exit|cwd|on|once|stdout|stderr|stdin)\b/.test(
        readFileSync(join(root, file), 'utf8'),
      ),
  );
  assert.deepEqual(wrong, []);
});

test('a table is named in one feature alone', () => {
  const owners = new Map<string, Set<string>>();
  for (const file of sources.filter((path) => !path.includes('/migrations/'))) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const [, table] of text.matchAll(/\.(?:selectFrom|insertInto|updateTable|deleteFrom|innerJoin)\('(\w+)'/g)) {
      owners.set(table!, (owners.get(table!) ?? new Set()).add(folderOf(file)));
    }
  }
  // The composition root asks for any row at all, to see whether the database answers.
  for (const folders of owners.values()) folders.delete('app.ts');
  const shared = [...owners]
    .filter(([, folders]) => folders.size > 1)
    .map(([table, folders]) => `${table}: ${[...folders].join(', ')}`);
  assert.deepEqual(shared, []);
});

test('no file is a barrel or a drawer for odds and ends', () => {
  const wrong = sources.filter(
    (file) =>
      /(^|\/)(utils?|helpers?|common|misc|index)(\.ts|\/)/.test(file) && !/datasets\/index|seal\/index/.test(file),
  );
  assert.deepEqual(wrong, []);
});

test('every export of the server has a docstring', () => {
  const wrong = sources.flatMap((file) => {
    const lines = readFileSync(join(root, file), 'utf8').split('\n');
    return lines.flatMap((line, index) => {
      if (!/^export (async )?(function|const|interface|type|class) /.test(line)) return [];
      const before = lines[index - 1] ?? '';
      return before.trimEnd().endsWith('*/') ? [] : [`${file}:${index + 1} ${line.slice(0, 60)}`];
    });
  });
  assert.deepEqual(wrong, []);
});
