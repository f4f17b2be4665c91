import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createAudit } from '../audit/audit.ts';
import { openSqliteDatabase } from '../backends/db/sqlite.ts';
import { createLocalRootKeys } from '../backends/keys/local.ts';
import type { Actor } from '../core/actor.ts';
import { createKeys } from '../keys/keys.ts';
import { newKey } from '../seal/envelope.ts';
import { createChallenges } from './challenges.ts';
import { createInvitations } from './invitations.ts';
import { newUser } from './registration.ts';
import { createSessions } from './sessions.ts';
import { insertUser } from './store.ts';
import { createTickets } from './tickets.ts';
import { createAccessTokens } from './tokens.ts';
import { createWorkspaces, loadWorkspaceKeys } from './workspaces.ts';

const folder = mkdtempSync(join(tmpdir(), 'intakt-sweeps-'));
const db = await openSqliteDatabase(join(folder, 'files.db'), newKey());
after(async () => {
  await db.close();
  rmSync(folder, { recursive: true });
});

const DAY_MS = 86_400_000;
let now = Date.UTC(2026, 0, 1);
const clock = () => now;
const audit = createAudit(db, clock);
const keys = createKeys({ root: createLocalRootKeys([newKey()]), load: loadWorkspaceKeys(db) });
const { defaultId: workspaceId } = await createWorkspaces(db, keys, audit, clock);
const secretKeys = ['a secret of the tests that is long enough'];
const accessTokens = createAccessTokens(secretKeys, 30, clock);
const sessions = createSessions({ db, accessTokens, secretKeys, lifetimeDays: 7, clock, audit });
const tickets = createTickets(db, clock);
const challenges = createChallenges(db, clock);
const invitations = createInvitations(db, clock, audit);
const user = newUser({ username: 'ada', email: 'ada@example.org', full_name: '' }, null, false, now);
await insertUser(db.query, user);

/** Starts one of each, good for seven days and less. */
async function startAll(): Promise<void> {
  const origin = { address: '', userAgent: '' };
  const { sessionId } = await db.transaction((tx) =>
    sessions.start(tx, { workspaceId, subject: { userId: user.id }, methods: ['pwd'], scopes: null, origin }),
  );
  const rights = { role: 'admin', mayReveal: true, operator: false, scopes: null } as const;
  const who = { kind: 'user', id: user.id, name: 'ada', workspaceId, sessionId, address: '' } as const;
  const actor: Actor = { ...who, ...rights, sharedFiles: false, maxRequests: null, confirmedAt: now };
  await tickets.issue(actor, 'a file');
  await challenges.make({ kind: 'passkey', seconds: 300 });
  await invitations.invite(actor, { role: 'viewer', may_reveal: false, days: 7 });
}

const TABLES = ['sessions', 'tickets', 'challenges', 'invitations'] as const;
async function sweepAndCount() {
  for (const one of [sessions, tickets, challenges, invitations]) await one.sweep();
  const counts = TABLES.map(async (table) => {
    const of = db.query.selectFrom(table).select((e) => e.fn.countAll<number>().as('count'));
    return [table, (await of.executeTakeFirstOrThrow()).count];
  });
  return Object.fromEntries(await Promise.all(counts));
}

test('what is good stays; a day later short-lived secrets are gone, a month after their end sessions and invitations', async () => {
  await startAll();
  assert.deepEqual(await sweepAndCount(), { sessions: 1, tickets: 1, challenges: 1, invitations: 1 });
  now += DAY_MS;
  assert.deepEqual(await sweepAndCount(), { sessions: 1, tickets: 0, challenges: 0, invitations: 1 });
  now += 35 * DAY_MS;
  assert.deepEqual(await sweepAndCount(), { sessions: 1, tickets: 0, challenges: 0, invitations: 1 });
  now += 2 * DAY_MS;
  assert.deepEqual(await sweepAndCount(), { sessions: 0, tickets: 0, challenges: 0, invitations: 0 });
});
