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
  /** The nodes of a shared database, and when each was last seen, Unix milliseconds; empty for a database of one server. */
  nodes: { name: string; seenAt: number }[];
}
