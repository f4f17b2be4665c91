import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SETTINGS } from '../server/config.ts';
import { FILE_RULES, type Rule, WORKSPACE_RULES } from '../server/core/access.ts';
import { problemTable } from '../server/core/problem.ts';
import { documentation } from '../server/http/documentation.ts';
import { sdkTypes } from './sdk-types.ts';

/** Files that are made from the sources; `--check` writes nothing and fails when one is not up to date. */
const openApi = await documentation();
const FILES: Readonly<Record<string, string>> = {
  'docs/access.md': accessPage(),
  'docs/settings.md': settingsPage(),
  'docs/errors.md': errorsPage(),
  'docs/openapi.json': `${JSON.stringify(openApi, null, 2)}\n`,
  'sdk/src/schema.ts': sdkTypes(openApi),
};

const stale = Object.entries(FILES).filter(([path, text]) => read(path) !== text);
if (process.argv.includes('--check')) {
  for (const [path] of stale) console.log(`${path} is not up to date. Run: npm run generate`);
  process.exit(stale.length === 0 ? 0 : 1);
}
for (const [path, text] of stale) {
  writeFileSync(place(path), text);
  console.log(`wrote ${path}`);
}

function place(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

function read(path: string): string | null {
  try {
    return readFileSync(place(path), 'utf8');
  } catch {
    return null;
  }
}

function settingsPage(): string {
  const rows = Object.entries(SETTINGS).map(([name, { default: value, help }]) => {
    // Depends on the machine it is generated on.
    const shown = name === 'PARSER_PROCESSES' ? 'processors − 1' : value === null || value === '' ? '' : `\`${value}\``;
    return `| \`${name}\` | ${shown} | ${help.replaceAll('|', '\\|')} |`;
  });
  return `# Settings

Read from the environment, then from \`.env\` in the folder Intakt is started in, then from \`secrets.env\` in DATA_DIR
(not in production). This page is generated from \`server/config.ts\`.

| name | default | what it does |
|---|---|---|
${rows.join('\n')}
`;
}

function accessPage(): string {
  return `# Who may do what

Users and clients act in one workspace at a time, as \`admin\`, \`member\` or \`viewer\`. All of a row must hold: the role, the
scope (of clients, and of sessions that were asked for with scopes; a user's own login has all), and what stands under
“besides”. Everything in another workspace does not exist: 404. A change acts on the next request, and on open sockets
within a second. This page is generated from \`server/core/access.ts\`, where all of it is decided.

## Files and their datasets

A file is its owner's. An administrator of the workspace may do all of this with every file of it; where the workspace
shares its files, every member may read (and, with the right to, reveal) them. To all others a file does not exist.

${rulesTable(FILE_RULES)}

## The workspace

${rulesTable(WORKSPACE_RULES)}
`;
}

function rulesTable(rules: Readonly<Record<string, Rule>>): string {
  const rows = Object.values(rules).map(({ what, roles, scope, reveal, operator }) => {
    const besides = [reveal && 'the right to reveal', operator && 'runs the service'].filter(Boolean).join(', ');
    const marks = (['admin', 'member', 'viewer'] as const).map((role) => (roles.includes(role) ? '✓' : '–'));
    return `| ${what} | ${marks.join(' | ')} | ${scope === null ? 'own login only' : `\`${scope}\``} | ${besides} |`;
  });
  return ['| | admin | member | viewer | scope | besides |', '|---|---|---|---|---|---|', ...rows].join('\n');
}

function errorsPage(): string {
  const rows = Object.entries(problemTable).map(([code, [status, title]]) => `| \`${code}\` | ${status} | ${title} |`);
  return `# Errors

Every error is \`application/problem+json\` (RFC 9457). \`code\` is stable; \`detail\` says what happened and what to do, and
never holds a value of a row. A file that failed carries one of these codes in its \`error\`. This page is generated from
\`server/core/problem.ts\`.

| code | status | title |
|---|---|---|
${rows.join('\n')}
`;
}
