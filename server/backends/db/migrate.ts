import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import * as foundation from './migrations/0001-foundation.ts';
import type { Schema } from './schema.ts';

/** All migrations by name, run in the order of their numbers; one that was released is never changed. */
const MIGRATIONS = { '0001-foundation': foundation };

/**
 * Brings the database to the newest schema.
 * @throws the migration's own error; the database then stands where it stood before that migration.
 */
export async function migrate(db: Kysely<Schema>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}
