import type { AccountRow, ConnectionRow, DeliveryRow, EventRow, EventVariant, ObjectRow } from "./rows.ts";

/** Names the newest objects of one kind on an account, at most `limit`. */
export interface NewestObjects {
  accountId: string;
  livemode: boolean;
  object: string;
  limit: number;
}

/** Names the objects of one kind, in one mode, that belong to each of several parents, at most `limit` of each. */
export interface NewestChildren {
  livemode: boolean;
  object: string;
  parents: readonly { accountId: string; id: string }[];
  /** A top-level field of `data` that must be true. */
  flag?: string;
  limit: number;
}

/** Reads many rows at once, for calls that show a page of them. */
export interface BatchReads {
  /** The accounts with these ids that exist, by id, including deleted ones. */
  accountsById(ids: readonly string[]): Promise<ReadonlyMap<string, AccountRow>>;
  /** The objects that each of these names, newest first, in the order of the requests. */
  newestObjects(asked: readonly NewestObjects[]): Promise<ObjectRow[][]>;
  /** The objects that belong to each of these parents, newest first; in the order of the parents. */
  newestChildren(asked: NewestChildren): Promise<ObjectRow[][]>;
  /** The objects with these ids that exist, by id. */
  objectsById(ids: readonly string[]): Promise<ReadonlyMap<string, ObjectRow>>;
  /** The events with these ids that exist, by id. */
  eventsById(ids: readonly string[]): Promise<ReadonlyMap<string, EventRow>>;
  /** The deliveries with these ids that exist, by id. */
  deliveriesById(ids: readonly string[]): Promise<ReadonlyMap<string, DeliveryRow>>;
  /** Those of these variants that the store still has. */
  eventVariants(asked: readonly Omit<EventVariant, "body">[]): Promise<EventVariant[]>;
  /**
   * A platform's connections to these accounts, by account, test mode before live mode. Accounts without connections
   * are left out.
   */
  connectionsTo(platformId: string, accountIds: readonly string[]): Promise<ReadonlyMap<string, ConnectionRow[]>>;
}
