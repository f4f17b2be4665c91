import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createAudit } from '../audit/audit.ts';
import { openSqliteDatabase } from '../backends/db/sqlite.ts';
import { createLocalRootKeys } from '../backends/keys/local.ts';
import { createMemoryLimits } from '../backends/limits/memory.ts';
import { reassignFiles } from '../files/store.ts';
import { createKeys } from '../keys/keys.ts';
import { newKey } from '../seal/envelope.ts';
import { createAuthenticate } from './authenticate.ts';
import { createChallenges } from './challenges.ts';
import { createFactorCodes } from './factor-codes.ts';
import { createInvitations } from './invitations.ts';
import { createLogin } from './login.ts';
import { createPasskeys } from './passkeys.ts';
import { createPasswords, type Passwords } from './passwords.ts';
import { createRegistrations } from './registration.ts';
import { createSessions } from './sessions.ts';
import { createSetup } from './setup.ts';
import { createThrottle } from './throttle.ts';
import { createAccessTokens } from './tokens.ts';
import { createUsers } from './users.ts';
import { createWebAuthn } from './webauthn.ts';
import { createWorkspaces, loadWorkspaceKeys } from './workspaces.ts';

const folder = mkdtempSync(join(tmpdir(), 'intakt-races-'));
const db = await openSqliteDatabase(join(folder, 'files.db'), newKey());
after(async () => {
  await db.close();
  rmSync(folder, { recursive: true });
});

const clock = Date.now;
const root = createLocalRootKeys([newKey()]);
const audit = createAudit(db, clock);
const workspaces = await createWorkspaces(db, createKeys({ root, load: loadWorkspaceKeys(db) }), audit, clock);
const secretKeys = ['a secret of the tests that is long enough'];
const accessTokens = createAccessTokens(secretKeys, 30, clock);
const sessions = createSessions({ db, accessTokens, secretKeys, lifetimeDays: 7, clock, audit });
const throttle = createThrottle(createMemoryLimits(clock), 0);
const challenges = createChallenges(db, clock);
const webAuthn = createWebAuthn(() => 'http://localhost');

/** What happens once, between the work of the next hash or comparison and what follows it. */
let meanwhile: () => Promise<unknown> = async () => {};
async function interrupt(): Promise<void> {
  const work = meanwhile;
  meanwhile = async () => {};
  await work();
}
const real = createPasswords(4);
const passwords: Passwords = {
  async hash(...given) {
    const hash = await real.hash(...given);
    await interrupt();
    return hash;
  },
  async matches(...given) {
    const good = await real.matches(...given);
    await interrupt();
    return good;
  },
};
const login = createLogin({
  db,
  clock,
  passwords,
  codes: createFactorCodes({ db, root, clock }),
  passkeys: createPasskeys({ db, clock, webAuthn, challenges, audit }),
  challenges,
  sessions,
  throttle,
  workspaces,
  audit,
});
const registrations = createRegistrations({
  db,
  clock,
  mode: 'open',
  passwords,
  throttle,
  setup: await createSetup(db.query, challenges),
  invitations: createInvitations(db, clock, audit),
  workspaces,
  audit,
});
const users = createUsers({ db, clock, passwords, sessions, login, audit, reassignFiles });
const authenticate = createAuthenticate({ db, accessTokens, clock });

const origin = { address: '192.0.2.1', userAgent: 'test' };
const OLD = 'the password of before';
const NEW = 'the password of after';
let people = 0;

/** Somebody, and how their sessions act. */
async function newOwner() {
  const username = `owner${++people}`;
  const registration = { username, email: `${username}@example.org`, full_name: '', password: OLD };
  const { user_id: userId } = await registrations.register(registration, origin);
  const enter = (password = OLD) => login.withPassword(username, password, { origin });
  const actor = async () => authenticate.byAccessToken((await enter()).access_token, origin.address);
  return { userId, enter, actor };
}

test('a login with the old password that is under way while the password is changed gets no session', async () => {
  const owner = await newOwner();
  const actor = await owner.actor();
  meanwhile = () => users.changePassword(actor, { current: OLD, password: NEW }, origin);
  await assert.rejects(owner.enter(), { code: 'invalid_credentials' });
  assert.equal((await sessions.listLive({ userId: owner.userId })).length, 1);
  await owner.enter(NEW);
});

test('a session that is ended while it changes the password changes nothing and gets no other', async () => {
  const owner = await newOwner();
  const [thief, actor] = [await owner.actor(), await owner.actor()];
  meanwhile = () => login.endSessions(actor, true);
  await assert.rejects(users.changePassword(thief, { current: OLD, password: NEW }, origin), { code: 'unauthorized' });
  assert.deepEqual(await sessions.listLive({ userId: owner.userId }), []);
  await owner.enter(OLD);
});

test('a session that has ended goes to no other workspace', async () => {
  const owner = await newOwner();
  const actor = await owner.actor();
  await login.endSessions(actor, true);
  await assert.rejects(login.switchWorkspace(actor, workspaces.defaultId, origin), { code: 'unauthorized' });
  assert.deepEqual(await sessions.listLive({ userId: owner.userId }), []);
});

test('no more sessions are listed than a person reads, and each can be ended all the same', async () => {
  const owner = await newOwner();
  const actor = await owner.actor();
  const old = actor.sessionId;
  const subject = { userId: owner.userId };
  await db.transaction(async (tx) => {
    for (let n = 0; n < 1000; n++)
      await sessions.start(tx, { workspaceId: actor.workspaceId, subject, methods: ['pwd'], scopes: null, origin });
  });
  const current = await owner.actor();
  assert.equal((await login.sessions(current)).length, 1000);
  await login.endSession(current, old);
  assert.equal(await sessions.find(old), undefined);
  const other = await (await newOwner()).actor();
  await assert.rejects(login.endSession(other, current.sessionId), { code: 'session_not_found' });
});
