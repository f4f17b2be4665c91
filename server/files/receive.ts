import { createHash } from 'node:crypto';
import type { Audit } from '../audit/audit.ts';
import type { Blobs } from '../backends/blobs/blobs.ts';
import type { Database, Queryable } from '../backends/db/db.ts';
import type { FileRow } from '../backends/db/schema.ts';
import type { EventBus } from '../backends/events/events.ts';
import type { Jobs } from '../backends/jobs/jobs.ts';
import { allowInWorkspace } from '../core/access.ts';
import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import { newId } from '../core/ids.ts';
import { Problem } from '../core/problem.ts';
import type { Keys } from '../keys/keys.ts';
import { HEAD_BYTES } from '../parse/content.ts';
import { detectType, type Evidence } from '../parse/detect.ts';
import { appendEvent } from './event-log.ts';
import type { FilePasswords } from './passwords.ts';
import { peek } from './peek.ts';
import type { Quota } from './quota.ts';
import { findFile, searchKey } from './store.ts';
import type { UploadOptions } from './upload-options.ts';

/** A file as it arrives: its name as the sender gave it (data, never a path) and its bytes. */
export interface Upload {
  readonly filename: string;
  readonly mediaType: string;
  readonly content: AsyncIterable<Uint8Array>;
  /** The kind that the sender says it is, or `auto`. */
  readonly as?: string | undefined;
}

/** Bytes that are stored, encrypted and durable, but belong to no file yet: to be committed or discarded. */
export interface Stored {
  readonly fileId: string;
  readonly row: Omit<FileRow, 'options'>;
}

/** Takes uploads in. */
export interface Receive {
  /**
   * Streams an upload through hash and cipher into the blob store; memory does not grow with the file.
   * What it is is found out by its first bytes, before anything is stored. Nothing is left of an upload that is refused.
   * @throws Problem `unsupported_format`, `content_mismatch`, `file_too_large`, `quota_exceeded`, `storage_failed`.
   */
  store(actor: Actor, upload: Upload): Promise<Stored>;
  /**
   * Makes it a file with a job, in one transaction, durable when this resolves. `key` is its `Idempotency-Key`; the
   * password is kept in memory alone.
   */
  commit(
    actor: Actor,
    stored: Stored,
    options: UploadOptions,
    more: { key?: string | undefined; password?: string | undefined },
  ): Promise<FileRow>;
  discard(stored: Stored): Promise<void>;
  /**
   * Takes an `Idempotency-Key`: `null` when it is new and now this request's, otherwise the request it was used for.
   * @throws Problem `idempotency_in_progress`.
   */
  reserve(actor: Actor, key: string): Promise<Earlier | null>;
  /** Gives the key back after a request that failed. */
  unreserve(actor: Actor, key: string): Promise<void>;
  /** The file of the earlier request. @throws Problem `idempotency_mismatch` when this upload is another one. */
  replay(actor: Actor, earlier: Earlier, upload: Upload): Promise<FileRow>;
}

/** The request that used an `Idempotency-Key` first. */
export interface Earlier {
  readonly fileId: string;
}

interface Needs {
  db: Database;
  blobs: Blobs;
  keys: Keys;
  jobs: Jobs;
  events: EventBus;
  audit: Audit;
  clock: Clock;
  passwords: FilePasswords;
  quota: Quota;
  maxFileSize: number;
  supportedFormats: readonly string[];
}

/** Receiving into the blob store and the metadata database. */
export function createReceive({
  db,
  blobs,
  keys,
  jobs,
  events,
  audit,
  clock,
  passwords,
  quota,
  maxFileSize,
  supportedFormats,
}: Needs): Receive {
  const ofKey = (query: Queryable, { workspaceId, id: actorId }: Actor, key: string) =>
    query
      .selectFrom('idempotency_keys')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('actor_id', '=', actorId)
      .where('key', '=', key);

  /** The requests with an `Idempotency-Key` that have not ended. */
  const running = new Set<string>();

  return {
    async store(actor, { filename, mediaType, content: sent, as }) {
      allowInWorkspace(actor, 'upload');
      const name = cleanName(filename);
      const { fileType, content } = await typeOf({ filename: name, mediaType, as }, sent);
      const fileId = newId();
      const workspace = await keys.openWorkspace(actor.workspaceId);
      const { key, wrapped } = await workspace.newFileKey(fileId);
      const arrival = { workspaceId: actor.workspaceId, fileId, content };
      const { size, sha256 } = await quota
        .within(arrival, maxFileSize, (taken, maxBytes) =>
          blobs.put(fileId, taken, { maxBytes, key, associatedData: fileId }),
        )
        .catch((error) => {
          quota.settle(fileId);
          throw error;
        });
      const row = {
        id: fileId,
        workspace_id: actor.workspaceId,
        owner_id: actor.id,
        filename: name,
        filename_key: searchKey(name),
        file_type: fileType,
        media_type: mediaType.slice(0, 200),
        size,
        sha256,
        status: 'processing',
        phase: 'queued',
        progress: 0,
        error_code: null,
        error_detail: null,
        wrapped_key: wrapped,
        row_count: null,
        created_at: clock(),
        started_at: null,
        finished_at: null,
      };
      return { fileId, row };
    },

    async commit(actor, { row, fileId }, options, { key, password }) {
      const file = { ...row, options: JSON.stringify(options) };
      const event = await db.transaction(async (tx) => {
        await quota.refuseFile(tx, actor.workspaceId, file.size);
        await tx.insertInto('files').values(file).execute();
        await jobs.add(tx, actor.workspaceId, fileId);
        if (password) passwords.keep(fileId, password);
        await audit.append(tx, actor, 'file.upload', `file:${fileId}`, { size: row.size });
        if (key) await bindKey(tx, actor, key, file);
        const data = { status: file.status, phase: file.phase, progress: 0 };
        return appendEvent(tx, {
          workspaceId: actor.workspaceId,
          fileId,
          type: 'status_update',
          data,
          createdAt: row.created_at,
        });
      });
      quota.settle(fileId);
      if (key) running.delete(requestOf(actor, key));
      events.publish(event);
      jobs.wake();
      return file;
    },

    async discard({ fileId }) {
      quota.settle(fileId);
      await blobs.remove(fileId);
    },

    async reserve(actor, key) {
      const earlier = await ofKey(db.query, actor, key).executeTakeFirst();
      if (earlier?.file_id) return { fileId: earlier.file_id };
      const request = requestOf(actor, key);
      if (running.has(request)) throw stillRunning();
      running.add(request);
      // One that is there without a file, and of no request that runs, could not be given back: the disk was full.
      if (!earlier) await insertKey(actor, key).catch((error) => giveUp(request, error));
      return null;
    },

    async unreserve(actor, key) {
      const { workspaceId, id: actorId } = actor;
      const unused = db.query
        .deleteFrom('idempotency_keys')
        .where('workspace_id', '=', workspaceId)
        .where('actor_id', '=', actorId)
        .where('key', '=', key)
        .where('file_id', 'is', null);
      await unused.execute().finally(() => running.delete(requestOf(actor, key)));
    },

    async replay(actor, { fileId }, { filename, content }) {
      const hash = createHash('sha256');
      for await (const chunk of content) hash.update(chunk);
      const file = await findFile(db.query, actor.workspaceId, fileId);
      if (!file) throw new Problem('file_not_found', `There is no file ${fileId} that you may read.`);
      if (file.sha256 !== hash.digest('hex') || file.filename !== cleanName(filename)) {
        throw new Problem(
          'idempotency_mismatch',
          'This Idempotency-Key was used for another file. Send a new key with each new upload.',
        );
      }
      return file;
    },
  };

  async function insertKey({ workspaceId, id: actorId }: Actor, key: string): Promise<void> {
    const reservation = { workspace_id: workspaceId, actor_id: actorId, key, file_id: null, created_at: clock() };
    await db.query.insertInto('idempotency_keys').values(reservation).execute();
  }

  function giveUp(request: string, error: unknown): never {
    running.delete(request);
    throw db.isUniqueViolation(error) ? stillRunning() : error;
  }

  async function typeOf(said: Omit<Evidence, 'head'>, sent: AsyncIterable<Uint8Array>) {
    const { head, content, close } = await peek(sent, HEAD_BYTES);
    try {
      return { fileType: detectType({ ...said, head }, supportedFormats), content };
    } catch (error) {
      await close();
      throw error;
    }
  }

  async function bindKey(
    tx: Queryable,
    { workspaceId, id: actorId }: Actor,
    key: string,
    file: FileRow,
  ): Promise<void> {
    await tx
      .updateTable('idempotency_keys')
      .set({ file_id: file.id })
      .where('workspace_id', '=', workspaceId)
      .where('actor_id', '=', actorId)
      .where('key', '=', key)
      .execute();
  }
}

const requestOf = ({ workspaceId, id }: Actor, key: string): string => `${workspaceId} ${id} ${key}`;

const stillRunning = () =>
  new Problem(
    'idempotency_in_progress',
    'A request with this Idempotency-Key is still running. Wait for it, then send this one again.',
  );

/**
 * The sender's name for the file, as data: without folders and control characters, at most 255 characters, NFC.
 * It is shown and searched, and never used as a path.
 */
export function cleanName(filename: string): string {
  const base = filename.normalize('NFC').split(/[\\/]/).at(-1) ?? '';
  const clean = base.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '').trim();
  if (clean.length <= 255) return clean || 'unnamed';
  const ending = /\.[^.]{1,10}$/.exec(clean)?.[0] ?? '';
  // Cut between the halves of a pair it would be no Unicode, and not come back from the database as it went in.
  return clean.slice(0, 255 - ending.length).replace(/\p{Cs}$/u, '') + ending;
}
