import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type Dialect as KyselyDialect,
  type QueryResult,
} from 'kysely';
import { currentChangeContext } from './change-context.ts';
import type { Dialect } from './dialect.ts';

/** How a transaction says in whose name it is, so that a trigger can read it, and takes it back. */
interface Telling {
  tell(context: string): CompiledQuery;
  /** Before the commit, where what was told would outlive the transaction. */
  readonly takeBack: CompiledQuery | null;
}

/**
 * Whoever changes something holds the lock of the log until the commit. One that is gone without a word, its whole
 * machine perhaps, is not waited for: PostgreSQL itself would notice after two hours.
 */
const IDLE_LIMIT = '10s';

const tellings: Readonly<Record<Dialect, Telling>> = {
  postgres: {
    tell: (context) =>
      CompiledQuery.raw(
        `select set_config('castellan.change', $1, true),
           set_config('idle_in_transaction_session_timeout', '${IDLE_LIMIT}', true)`,
        [context],
      ),
    takeBack: null,
  },
  sqlite: {
    tell: (context) =>
      CompiledQuery.raw('insert into castellan_change (id, context) values (1, ?)', [context]),
    takeBack: CompiledQuery.raw('delete from castellan_change'),
  },
};

/**
 * The dialect, with each write inside `inChangeContext` telling the database whose it is.
 *
 * A write outside of a transaction gets one of its own. On SQLite the table `castellan_change` has to be there, and
 * is empty between transactions: nobody else ever sees what is in it.
 */
export function tellingChanges(dialect: KyselyDialect, kind: Dialect): KyselyDialect {
  return {
    createDriver: () => new ContextDriver(dialect.createDriver(), tellings[kind]),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (database) => dialect.createIntrospector(database),
  };
}

class ContextConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;
  readonly #driver: ContextDriver;
  /** Whether a transaction is open; and whether it has told its context. */
  transaction: 'none' | 'silent' | 'told' = 'none';

  constructor(inner: DatabaseConnection, driver: ContextDriver) {
    this.inner = inner;
    this.#driver = driver;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.transaction !== 'none' || !isWrite(query) || currentChangeContext() === undefined) {
      return this.inner.executeQuery<R>(query);
    }
    await this.#driver.beginTransaction(this, {});
    try {
      const result = await this.inner.executeQuery<R>(query);
      await this.#driver.commitTransaction(this);
      return result;
    } catch (error) {
      await this.#driver.rollbackTransaction(this);
      throw error;
    }
  }

  streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    return this.inner.streamQuery<R>(query, chunkSize);
  }
}

class ContextDriver implements Driver {
  readonly #inner: Driver;
  readonly #telling: Telling;

  constructor(inner: Driver, telling: Telling) {
    this.#inner = inner;
    this.#telling = telling;
  }

  init(): Promise<void> {
    return this.#inner.init();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return new ContextConnection(await this.#inner.acquireConnection(), this);
  }

  async beginTransaction(
    connection: DatabaseConnection,
    settings: Parameters<Driver['beginTransaction']>[1],
  ): Promise<void> {
    const ours = own(connection);
    await this.#inner.beginTransaction(ours.inner, settings);
    ours.transaction = 'silent';
    const context = currentChangeContext();
    if (context === undefined) return;
    try {
      await ours.inner.executeQuery(this.#telling.tell(JSON.stringify(context)));
      ours.transaction = 'told';
    } catch (error) {
      // For whoever began it there is no transaction that could be rolled back.
      await this.rollbackTransaction(ours);
      throw error;
    }
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    const ours = own(connection);
    const { takeBack } = this.#telling;
    if (ours.transaction === 'told' && takeBack !== null) await ours.inner.executeQuery(takeBack);
    await this.#inner.commitTransaction(ours.inner);
    ours.transaction = 'none';
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    const ours = own(connection);
    ours.transaction = 'none';
    await this.#inner.rollbackTransaction(ours.inner);
  }

  async savepoint(
    connection: DatabaseConnection,
    ...[name, compile]: Rest<Driver['savepoint']>
  ): Promise<void> {
    await this.#inner.savepoint?.(own(connection).inner, name, compile);
  }

  async rollbackToSavepoint(
    connection: DatabaseConnection,
    ...[name, compile]: Rest<Driver['savepoint']>
  ): Promise<void> {
    await this.#inner.rollbackToSavepoint?.(own(connection).inner, name, compile);
  }

  async releaseSavepoint(
    connection: DatabaseConnection,
    ...[name, compile]: Rest<Driver['savepoint']>
  ): Promise<void> {
    await this.#inner.releaseSavepoint?.(own(connection).inner, name, compile);
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    return this.#inner.releaseConnection(own(connection).inner);
  }

  destroy(): Promise<void> {
    return this.#inner.destroy();
  }
}

type Rest<Method> =
  NonNullable<Method> extends (first: DatabaseConnection, ...rest: infer Others) => unknown
    ? Others
    : never;

function own(connection: DatabaseConnection): ContextConnection {
  if (!(connection instanceof ContextConnection))
    throw new TypeError('a connection of another driver');
  return connection;
}

const writes: ReadonlySet<string> = new Set([
  'InsertQueryNode',
  'UpdateQueryNode',
  'DeleteQueryNode',
  'MergeQueryNode',
]);

function isWrite({ query }: CompiledQuery): boolean {
  return writes.has(query.kind);
}
