export interface WatchOptions {
  /** What the database notifies on PostgreSQL (`pg_notify`), usually in a trigger. An identifier of ours. */
  readonly channel: string;
  /** Something may have changed since the last call, whoever changed it. It must not throw. */
  readonly onChange: () => void;
  /** Told once of each outage of the watch itself; changes are then only looked for now and then. */
  readonly onOutage: (error: unknown) => void;
}

export interface DatabaseWatch {
  /** Stops; nothing is called from then on. */
  close(): Promise<void>;
}
