/** What a store keeps, and how much space that takes. Sizes are in bytes. */
export interface Storage {
  engine: "sqlite" | "postgresql";
  /** The version of SQLite, or of the PostgreSQL server. */
  version: string;
  /** How many steps of the schema it has. */
  schema: number;
  /** The total, with indexes and free space. */
  bytes: number;
  /** The part of it that is free for new rows; null if the database does not say. */
  freeBytes: number | null;
  /** The log beside an SQLite file; null if there is none. */
  logBytes: number | null;
  /** Each table with its indexes, the largest first; null if the database does not say. */
  tables: { name: string; bytes: number }[] | null;
  /**
   * Settings that decide about safety and speed, as the database reports them: the journal, when commits are
   * synchronous.
   */
  settings: { [name: string]: string };
  /** The nodes of a shared database; empty for a database of one server. */
  nodes: StoredNode[];
}

/** A node of a shared database, as it reports itself. Times are Unix milliseconds. */
export interface StoredNode {
  name: string;
  /** Its last heartbeat. */
  seenAt: number;
  /** Null for a node of the previous version, which does not report these. */
  startedAt: number | null;
  version: string | null;
  roles: string[] | null;
}
