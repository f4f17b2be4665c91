import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually, newPerson, untilOver } from '../test/helpers/client.ts';
import { startService } from '../test/helpers/service.ts';

const service = await startService();
after(() => service.stop());
const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

test('a second Intakt on the same DATA_DIR does not start, and takes nothing from the first', async () => {
  const person = await newPerson(service.url);
  const upload = holdUpload(person.headers.authorization);
  await eventually('the file has arrived', () => blobs().length === 1);
  const env = { PATH: process.env.PATH, DATA_DIR: service.dataDir, PORT: '0' };
  const second = spawnSync(process.execPath, [MAIN], { cwd: service.dataDir, env, timeout: 30_000 });
  assert.equal(second.status, 1);
  assert.match(String(second.stderr), /Another Intakt uses DATA_DIR/);
  const { body } = await untilOver(person, await upload.finish());
  assert.equal(body.status, 'ready', JSON.stringify(body.error));
});

test('an Intakt that is started while the one before it still closes waits for it', async () => {
  const before = await startService();
  const env = { PATH: process.env.PATH, DATA_DIR: before.dataDir, PORT: '0', LOG_LEVEL: 'silent' };
  const next = spawn(process.execPath, [MAIN], { cwd: before.dataDir, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(next, 'exit');
  let said = '';
  next.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await before.stop();
  await eventually('the next one listens', () => /Intakt listens/.test(said)).finally(() => next.kill('SIGKILL'));
  await ended;
});

/** The names of what is stored, without what is staged. */
const blobs = () =>
  readdirSync(join(service.dataDir, 'blobs'), { recursive: true }).filter((name) => /^..\/./.test(String(name)));

/** An upload whose file has arrived and whose form has not ended. */
function holdUpload(authorization: string) {
  const file = 'Content-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nname,age\nAsha,31\n\r\n--X\r\n';
  const rest = 'Content-Disposition: form-data; name="header"\r\n\r\npresent\r\n--X--\r\n';
  const length = `--X\r\n${file}${rest}`.length;
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1').setEncoding('utf8');
  socket.write(
    `POST /files HTTP/1.1\r\nHost: intakt\r\nAuthorization: ${authorization}\r\nContent-Type: multipart/form-data; boundary=X\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n--X\r\n${file}`,
  );
  return {
    async finish(): Promise<string> {
      socket.write(rest);
      let answer = '';
      for await (const chunk of socket) answer += chunk;
      return /"file_id":"([^"]+)"/.exec(answer)?.[1] ?? assert.fail(answer);
    },
  };
}
