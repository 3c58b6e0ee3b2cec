import { sql } from 'kysely';
import type { IdentityEvent } from '#contract/identity.ts';
import { changeContextSql, type Dialect, type MigrationTransaction } from '#subgraphs/kit/index.ts';

/** A change of a table's rows that is written to `identity_log` by a trigger, whoever makes it. */
export interface LoggedChange {
  readonly table: string;
  readonly on: 'insert' | 'update' | 'delete';
  /** For an update: the columns that it has to name. */
  readonly of?: readonly string[];
  /** A condition on `new` and `old`, as SQL that both stores read. */
  readonly when?: string;
  /** Rows of which each is told of: what stands behind `from`, so that the expressions may speak of it. */
  readonly forEach?: string;
  /** What happened, such as `key.revoked`. */
  readonly action: string;
  /** What must be asked again because of it; null when nothing that a gateway remembers is touched. */
  readonly touches: IdentityEvent['touches'] | null;
  /** SQL expressions of `new` and `old`: what is touched, whom it is about, and in which organization. */
  readonly id: string;
  readonly subject?: string;
  readonly organization?: string;
  /** What else to keep, by name. Never a secret and never a hash of one. */
  readonly detail?: Readonly<Record<string, string>>;
}

/**
 * Makes the triggers of these changes. A row of the log commits with the change it speaks of, or not at all.
 *
 * Names in `table`, `of` and the expressions are SQL as it stands: only for text of ours.
 */
export async function logChanges(
  transaction: MigrationTransaction,
  dialect: Dialect,
  changes: readonly LoggedChange[],
): Promise<void> {
  for (const change of changes) {
    for (const statement of statementsOf(change, dialect)) {
      await sql.raw(statement).execute(transaction);
    }
  }
}

function statementsOf(change: LoggedChange, dialect: Dialect): readonly string[] {
  const { table, on, of = [], when, action } = change;
  const name = triggerName(action);
  const columns = of.map((column) => `"${column}"`).join(', ');
  const event = on === 'update' && of.length > 0 ? `update of ${columns}` : on;
  const condition = when === undefined ? '' : ` when (${when})`;
  const head = `create trigger ${name} after ${event} on "${table}" for each row${condition}`;
  const insert = insertOf(change, dialect);
  if (dialect === 'sqlite') return [`${head} begin ${insert}; end`];
  return [
    `create function ${name}() returns trigger language plpgsql
     set search_path from current as $body$
     declare context json := ${changeContextSql(dialect)};
     begin
       perform pg_advisory_xact_lock(${LOG_LOCK}, 'identity_log'::regclass::oid::int4);
       ${insert};
       return null;
     end $body$`,
    `${head} execute function ${name}()`,
  ];
}

/**
 * A writer holds it from its first row of the log until it commits: sequence numbers commit in their order. The other
 * half of the lock is the table, so that deployments in one database do not wait for each other.
 */
const LOG_LOCK = 716_502_042;

function insertOf(change: LoggedChange, dialect: Dialect): string {
  const { action, touches, id, subject = 'null', organization = 'null', detail = {} } = change;
  const context = (member: string) =>
    dialect === 'sqlite'
      ? `json_extract(${changeContextSql(dialect)}, '$.${member}')`
      : `(context ->> '${member}')`;
  const now =
    dialect === 'sqlite'
      ? "cast(unixepoch('subsec') * 1000 as integer)"
      : 'floor(extract(epoch from clock_timestamp()) * 1000)::bigint';
  const pairs = Object.entries(detail).flatMap(([name, value]) => [`'${name}'`, value]);
  const object = dialect === 'sqlite' ? 'json_object' : 'json_build_object';
  const from = change.forEach === undefined ? '' : ` from ${change.forEach}`;
  return `insert into identity_log
    (at, action, touches, touched_id, subject_id, organization_id, actor_kind, actor_id, credential_id,
     address, request_id, detail)
    select coalesce(cast(${context('at')} as bigint), ${now}), '${action}',
      ${touches === null ? 'null' : `'${touches}'`}, ${id}, ${subject}, ${organization},
      coalesce(${context('actorKind')}, 'unknown'), ${context('actorId')}, ${context('credentialId')},
      ${context('address')}, ${context('requestId')}, cast(${object}(${pairs.join(', ')}) as text)${from}`;
}

function triggerName(action: string): string {
  return `log_${action.replaceAll(/[^a-z0-9]/g, '_')}`;
}
