import type { Session, SqlRow } from "../database/session.ts";
import type { KnownSource, UnusedKey } from "./known-configuration.ts";

/** A session that also answers from what its node knows. */
export interface KnowingSession extends Session {
  /**
   * The rows of a key, each turned into an object by `make`, which is always the same for one source. They are frozen.
   */
  known<Row>(source: KnownSource, key: string, make: (row: SqlRow) => Row): Promise<readonly Row[]>;
  /** Assumes that an idempotency key is unused, if that may be presumed. Returns whether it may. */
  presumeUnused(key: UnusedKey): boolean;
}
