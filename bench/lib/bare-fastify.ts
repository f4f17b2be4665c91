import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';

/** A process of its own that answers `GET /` with a small document from a schema, and does nothing else. */
const app = Fastify();
const properties = Object.fromEntries(
  ['user_id', 'username', 'email', 'full_name', 'role', 'workspace_id', 'created_at'].map((name) => [
    name,
    { type: 'string' },
  ]),
);
app.get('/', { schema: { response: { 200: { type: 'object', properties } } } }, async () => ({
  user_id: 'bd3af1f0-ae40-4c9b-9ec5-fd9ed0fbd1e2',
  username: 'bench',
  email: 'bench@example.org',
  full_name: '',
  role: 'admin',
  workspace_id: '7d5f6ab5-5d9a-4a4f-8a59-0c8a5f8d2b0e',
  created_at: '2026-01-01T00:00:00.000Z',
}));
await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${(app.server.address() as AddressInfo).port}\n`);
