import type { IdSource } from "@carabiner/protocol";
import type { Static, TObject } from "typebox";
import type { Limits } from "../limits.ts";
import type { JsonObject } from "../store/contract/rows.ts";
import type { Store } from "../store/store.ts";

/** What a backup contains. */
export interface BackupContents {
  /** How many steps of the schema it has. */
  schema: number;
  accounts: number;
  events: number;
  deliveries: number;
  /** Deliveries that were still pending. */
  pending: number;
  /** The ids of the keys that seal its secrets. */
  keys: string[];
}

/** The context of the operator's calls. */
export interface OperatorContext {
  store: Store;
  now: number;
  /** The caller's name in the audit log: `operator, control socket`, or the hint of an operator key. */
  by: string;
  /** The address that the call came from; null when it did not come over the network. */
  from: string | null;
  ids: IdSource;
  limits: Limits;
  /** Where the keys that seal secrets come from, for use in messages. */
  keysFrom: string;
  /** Writes a backup to a new file and verifies it. Throws an `ApiError` when it cannot, and leaves no file. */
  backUp(file: string): Promise<BackupContents & { bytes: number }>;
}

/**
 * A call of the operator, who runs the server. It comes over the control socket, over HTTP with an operator key, or is
 * made on the store directly; never with an API key. It opens the transactions it needs.
 */
export interface OperatorCall<Params extends TObject = TObject> {
  method: "GET" | "POST";
  /** Fastify's pattern: `/operator/platforms/:platform`. */
  path: string;
  /** Whether it is not available over HTTP, with an operator key. */
  localOnly?: boolean;
  /** As in an operation. */
  params: Params;
  /** Runs the call. Throws an `ApiError` for an impossible request; then nothing changes. */
  run(context: OperatorContext, params: Static<Params>, path: Readonly<Record<string, string>>): Promise<JsonObject>;
}

/** Keeps the type of `params` visible to `run`. */
export function operatorCall<Params extends TObject>(definition: OperatorCall<Params>): OperatorCall {
  return definition as unknown as OperatorCall;
}
