import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logIn, newPerson, untilOver } from '../helpers/client.ts';
import { startService } from '../helpers/service.ts';

const people = `name,note\n${'Asha,hello\n'.repeat(200)}`;

test('a file that failed at a cap is parsed again after the cap was raised, and a file that did not fail is not', async () => {
  const small = await startService({ MAX_ROWS: '100' });
  const person = await newPerson(`${small.url}/v1`);
  const failed = await person.parsed('people.csv', people);
  assert.equal(failed.body.error.code, 'too_many_rows');
  const { file_id: fileId } = failed.body;
  await small.stop();

  const roomy = await startService({ DATA_DIR: small.dataDir });
  const again = await logIn(`${roomy.url}/v1`, person.username, person.userId);
  const accepted = await again.post(`/files/${fileId}/parse`);
  assert.equal(accepted.status, 202);
  assert.equal(accepted.body.status, 'processing');
  assert.equal(accepted.body.error, null);
  const ready = await untilOver(again, fileId);
  assert.equal(ready.body.status, 'ready');
  assert.equal(ready.body.row_count, 200);
  assert.equal(ready.body.datasets.length, 1);

  const refused = await again.post(`/files/${fileId}/parse`);
  assert.equal(refused.status, 409);
  assert.equal(refused.body.code, 'file_not_failed');
  const stranger = await newPerson(`${roomy.url}/v1`);
  assert.equal((await stranger.post(`/files/${fileId}/parse`)).status, 404);
  await roomy.stop();
});

test('a file whose parsing was cancelled can be parsed again', async () => {
  const service = await startService();
  const person = await newPerson(`${service.url}/v1`);
  const sent = await person.upload('people.csv', `name,note\n${'Asha,hello\n'.repeat(300_000)}`);
  const cancelled = await person.post(`/files/${sent.body.file_id}/cancel`);
  assert.equal(cancelled.body.error.code, 'cancelled');
  assert.equal((await person.post(`/files/${sent.body.file_id}/parse`)).status, 202);
  const ready = await untilOver(person, sent.body.file_id);
  assert.equal(ready.body.row_count, 300_000);
  await service.stop();
});
