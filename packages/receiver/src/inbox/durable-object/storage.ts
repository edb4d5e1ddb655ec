/** The part of `ctx.storage.sql` that the inbox uses, for a Durable Object whose class is in `new_sqlite_classes`. */
export interface DurableSql {
  exec(
    query: string,
    ...bindings: (string | number | null | ArrayBuffer)[]
  ): Iterable<Record<string, unknown>> & { toArray(): Record<string, unknown>[] };
}

/** `ctx.storage` of a Durable Object. */
export interface DurableStorage<Sql extends DurableSql> {
  readonly sql: Sql;
  transactionSync<T>(work: () => T): T;
}
