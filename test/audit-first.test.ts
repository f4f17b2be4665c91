import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseEnv } from 'node:util';
import { openSqlite } from '../server/backends/db/sqlite-thread.ts';
import { createLocalRootKeys } from '../server/backends/keys/local.ts';
import { openDatabaseKey } from '../server/keys/database-key.ts';
import { parseFernetKey } from '../server/seal/fernet.ts';
import { inventedAadhaars } from './helpers/aadhaar.ts';
import { call, newAdmin } from './helpers/client.ts';
import { startService } from './helpers/service.ts';

const service = await startService();
after(() => service.stop());

/** The service's own database, opened beside it. */
async function openBeside() {
  const { ENCRYPTION_KEY = '' } = parseEnv(readFileSync(join(service.dataDir, 'secrets.env'), 'utf8'));
  const root = createLocalRootKeys([parseFernetKey(ENCRYPTION_KEY)]);
  const key = await openDatabaseKey(join(service.dataDir, 'database.key'), root);
  return openSqlite(join(service.dataDir, 'files.db'), key);
}

test('when the audit entry cannot be written, no plain value, key or finding is answered', async () => {
  const admin = await newAdmin(service);
  const numbers = inventedAadhaars(3);
  const { body } = await admin.parsed('people.csv', `name,aadhaar\n${numbers.map((n) => `Asha,${n}`).join('\n')}\n`);
  const file = `/files/${body.file_id}`;
  const dataset = `/datasets/${body.datasets[0].dataset_id}`;
  const where = [{ column: 'aadhaar', op: 'eq', value: numbers[1] }];
  const ask = () => [
    call(`${service.url}${file}?level=plain`, admin),
    call(`${service.url}${dataset}/rows?level=plain`, admin),
    call(`${service.url}${dataset}/export?level=plain`, admin),
    call(`${service.url}${dataset}/rejects?level=plain`, admin),
    call(`${service.url}${file}/download`, admin),
    admin.post(`${dataset}/query`, { level: 'plain' }),
    admin.post(`${dataset}/query`, { where }),
    admin.post('/audit/seen', { value: numbers[1] }),
    admin.post('/keys/export', { reason: 'test' }),
  ];
  for (const { status } of await Promise.all(ask())) assert.equal(status, 200);

  const db = await openBeside();
  db.exec("create trigger broken before insert on audit_entries begin select raise(abort, 'cannot be written'); end");
  for (const { status, text } of await Promise.all(ask())) {
    assert.equal(status, 500, text);
    assert.ok(numbers.every((number) => !text.includes(number)) && !/row_numbers|fernet_keys|matches/.test(text), text);
  }
  assert.equal((await admin.get(`${dataset}/rows?level=mask`)).status, 200, 'what is no plain value is still answered');

  db.exec('drop trigger broken');
  db.close();
  for (const { status } of await Promise.all(ask())) assert.equal(status, 200);
  assert.equal((await admin.get('/audit/verify')).body.intact, true);
});
