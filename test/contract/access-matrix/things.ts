import assert from 'node:assert/strict';
import { inventedAadhaars } from '../../helpers/aadhaar.ts';
import { call, logIn, newAdmin, type Person, sendJson } from '../../helpers/client.ts';
import type { Service } from '../../helpers/service.ts';
import type { Role } from './operations.ts';

/** What the operations are about; all of it in the cast's workspace. */
export interface Things {
  readonly fileId: string;
  readonly datasetId: string;
  /** A plain value of a sealed column of the dataset. */
  readonly sealedValue: string;
  /** A member who takes no other part. */
  readonly userId: string;
  readonly clientId: string;
  readonly invitationId: string;
  /** A session of the owner. */
  readonly sessionId: string;
  readonly workspaceId: string;
  readonly password: string;
}

/** Someone with a token. */
export type Caller = Pick<Person, 'headers'>;

/** The people of the matrix. */
export interface Stage {
  readonly base: string;
  readonly operator: Person;
  readonly cast: Readonly<Record<Role, Caller>>;
  readonly owner: Person;
  /** Somebody new with the same rights as the one of the cast. */
  standIn(role: Role): Promise<Caller>;
  newThings(): Promise<Things>;
}

const PASSWORD = 'correct horse battery staple';
let people = 0;

/** Two workspaces with all who take part. */
export async function setStage(service: Service): Promise<Stage> {
  const operator = await newAdmin(service, 'operator');
  const base = service.url;
  const other = process.env.NOWS
    ? { status: 201, body: { workspace_id: (await operator.get('/users/me')).body.workspace_id }, text: '' }
    : await operator.post('/workspaces', { name: 'another workspace' });
  assert.equal(other.status, 201, other.text);
  const there = await inWorkspace(operator, other.body.workspace_id);

  const makers: Record<Role, () => Promise<Caller>> = {
    stranger: () => invited(there, 'admin', true),
    viewer: () => invited(operator, 'viewer', true),
    other: () => invited(operator, 'member', true),
    owner: () => invited(operator, 'member', true),
    admin: () => invited(operator, 'admin', true),
    operator: async () => logIn(base, operator.username),
    reader: () => newReader(operator),
  };
  const owner = (await makers.owner()) as Person;
  const entries = Object.entries(makers).map(async ([role, make]) => [role, role === 'owner' ? owner : await make()]);
  const cast = Object.fromEntries(await Promise.all(entries)) as Record<Role, Caller>;
  return {
    base,
    operator,
    cast,
    owner,
    standIn: (role) => makers[role](),
    newThings: () => newThings(operator, owner),
  };
}

async function invited(by: Person, role: string, mayReveal: boolean): Promise<Person> {
  const { body } = await by.post('/invitations', { role, may_reveal: mayReveal });
  const username = `${role}${++people}`;
  const registration = { username, email: `${username}@example.org`, full_name: '', password: PASSWORD };
  const answer = await sendJson(`${by.base}/auth/register`, 'POST', { ...registration, invitation: body.token });
  assert.equal(answer.status, 201, answer.text);
  return logIn(by.base, username);
}

/** The same person in another of their workspaces. */
async function inWorkspace(person: Person, workspaceId: string): Promise<Person> {
  const { status, body, text } = await person.post('/auth/workspace', { workspace_id: workspaceId });
  assert.equal(status, 200, text);
  const headers = { authorization: `Bearer ${body.access_token}` };
  return { ...person, headers, post: (path, json = {}) => sendJson(person.base + path, 'POST', json, headers) };
}

/** A client that may do all an administrator may, but is held to reading files. */
async function newReader(operator: Person): Promise<Caller> {
  const made = await operator.post('/clients', { name: 'reader', role: 'admin', scopes: ['files:read'] });
  assert.equal(made.status, 201, made.text);
  const { body } = await sendJson(`${operator.base}/login`, 'POST', { client_key: made.body.client_key });
  return { headers: { authorization: `Bearer ${body.access_token}` } };
}

async function newThings(operator: Person, owner: Person): Promise<Things> {
  const [sealedValue = '', another] = inventedAadhaars(2);
  const content = `name,aadhaar\nmatrix,${sealedValue}\nrow,${another}\n`;
  const { body: file } = await owner.parsed('matrix-secret.csv', content, { fields: { seal: 'aadhaar' } });
  assert.equal(file.status, 'ready');
  const bystander = await invited(operator, 'member', false);
  const { body: client } = await operator.post('/clients', { name: 'matrix client', scopes: ['files:read'] });
  const { body: invitation } = await operator.post('/invitations', { role: 'viewer', email: 'matrix@example.org' });
  const session = await logIn(owner.base, owner.username);
  const { body: sessions } = await session.get('/sessions');
  const { body: me } = await call(`${owner.base}/users/me`, { headers: owner.headers });
  return {
    fileId: file.file_id,
    datasetId: file.dataset_id,
    sealedValue,
    userId: bystander.userId,
    clientId: client.client_id,
    invitationId: invitation.invitation_id,
    sessionId: sessions.items.find((one: { current: boolean }) => one.current).session_id,
    workspaceId: me.workspace_id,
    password: PASSWORD,
  };
}
