/** What a store keeps, and how much space that takes. Sizes are in bytes. */
export interface Storage {
  engine: "sqlite" | "postgresql";
  /** The version of SQLite, or of the PostgreSQL server. */
  version: string;
  /** How many steps of the schema it has. */
  schema: number;
  /** Everything, with indexes and free space. */
  bytes: number;
  /** The part of it that is free for new rows; null if the database does not tell. */
  freeBytes: number | null;
  /** The log beside an SQLite file; null for none. */
  logBytes: number | null;
  /** Each table with its indexes, the largest first; null if the database does not tell. */
  tables: { name: string; bytes: number }[] | null;
  /** What decides about safety and speed, as the database tells it: the journal, when commits are synchronous. */
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
