import type { ApiError, ApiVersion, IdSource } from "@carabiner/protocol";
import type { Static, TObject } from "typebox";
import type { DestinationRules } from "../destinations.ts";
import type { EventDraft, RecordedEvent } from "../events/event-draft.ts";
import type { PlatformDrafts, ThinDraft } from "../events/record-thin-event.ts";
import type { Limits } from "../limits.ts";
import type { AccountRow, ApplicationRow, Json, JsonObject } from "../store/contract/rows.ts";
import type { Transaction } from "../store/contract/transaction.ts";
import type { WrittenAnswer } from "./written-answer.ts";

/** What a server allows its users; differs between `carabiner dev` and `carabiner serve`. */
export interface Settings {
  /** Where endpoints may be. If local ones are allowed, a live key may use http. */
  destinations: DestinationRules;
  /** Event types that are not in the catalogue may be published. */
  allowCustomEventTypes: boolean;
  /**
   * Where browsers find this server: `https://connect.example.com`, without a trailing slash. Known once it listens.
   */
  publicUrl(): string;
  /** Whether users of its pages may choose any account. Otherwise they prove it with a secret key of the account. */
  pickAccounts: boolean;
  /** Whether platforms see the state of the whole server, which is otherwise for its operators. */
  platformsSeeServer: boolean;
  /** Whether calls below `/v1/test_helpers` may also be made with a live key. */
  liveTestHelpers: boolean;
  /**
   * Which people have `person.*` events: those that the Persons API has written, or all. Source of the rule:
   * https://docs.stripe.com/connect/webhooks
   */
  personEvents: "persons_api" | "all";
}

/** The context of every change, whether a request or a due task causes it. */
export interface ChangeContext {
  tx: Transaction;
  now: number;
  livemode: boolean;
  ids: IdSource;
  limits: Limits;
  settings: Settings;
  /** Writes events and their deliveries, in this transaction. */
  record(drafts: readonly (EventDraft | ThinDraft | PlatformDrafts)[]): Promise<RecordedEvent[]>;
}

/** Everything an operation may use. */
export interface OperationContext extends ChangeContext {
  /** The account whose key was used. */
  caller: AccountRow;
  /** The caller's application, if it is a platform. */
  application: ApplicationRow | null;
  /** The account it acts for: the caller, or the connected account named by `Stripe-Account`. */
  account: AccountRow;
  /** The key, masked for messages. */
  keyHint: string;
  /** Identifies the key: its SHA-256. */
  keyHash: string;
  apiVersion: ApiVersion;
  request: { id: string; idempotencyKey: string | null };
  /** Whether an operator of the server makes the call, in a session of the dashboard. */
  byOperator: boolean;
  /** Throws unless the key may also make the other call that this call would replace. */
  checkMay(call: Pick<Operation, "method" | "path">): void;
  /** The client's address; null when the connection was closed before it was read. */
  clientIp: string | null;
  /** The file that came with the request; null when there was none. Only for operations that take one. */
  upload: Upload | null;
}

/** An uploaded file. */
export interface Upload {
  /** The parameter it was sent in. */
  param: string;
  /** The sender's name for it, without folders. */
  name: string;
  bytes: Uint8Array;
  /** SHA-256 of the bytes, in hex. */
  sha256: string;
}

/** When a GET writes, and the call whose permissions it then needs, by the values of its path's `:name` parts. */
export interface WritingGet {
  when(named: Readonly<Record<string, string>>): boolean;
  as: { method: "POST"; path: string };
}

/** One call of the API. */
export interface Operation<Params extends TObject = TObject> {
  method: "GET" | "POST" | "DELETE";
  /** Fastify's pattern: `/v1/accounts/:account`. */
  path: string;
  /** Whether a publishable key, which is public, may also call it; or must, in live mode. */
  publishable?: boolean | "required_in_live_mode";
  /** Whether a platform may not make it on an account's behalf; see `isForOwnKeys`. */
  ownKeysOnly?: boolean;
  /** The parameters, as a form, a query or JSON; all others are refused. See `parameters.ts`. */
  params: Params;
  /** When a GET writes: naming a test payment method creates it. */
  writes?: WritingGet;
  /** The parameter that takes a file, if any. It is sent as multipart/form-data, beside the other parameters. */
  upload?: string;
  /**
   * Runs the call for a well-formed request. Returns the answer's body, or the text of it. Throws an `ApiError` for an
   * impossible request; then nothing changes. Returns an `ApiError` for an attempt that failed, such as a declined
   * card; then its writes stay.
   */
  run(
    context: OperationContext,
    params: Static<Params>,
    path: Readonly<Record<string, string>>,
  ): Promise<JsonObject | WrittenAnswer | ApiError>;
}

/**
 * A call that runs outside any transaction, once the caller is known and the request is well formed. It is for work
 * that takes long or waits for deliveries. Idempotency keys do not apply to it.
 */
export interface Procedure<Params extends TObject = TObject> {
  method: "GET" | "POST" | "DELETE";
  path: string;
  /** As in an operation. */
  ownKeysOnly?: boolean;
  params: Params;
  perform(context: ProcedureContext, params: Static<Params>, path: Readonly<Record<string, string>>): Promise<JsonObject>;
}

/**
 * Whether a call is only for an account's own keys. Platforms that act for the account with `Stripe-Account` or an
 * access token are refused. This is always the case below `/console/`, which takes the place of the Dashboard of the
 * account's user.
 */
export function isForOwnKeys({ path, ownKeysOnly }: Pick<Operation, "path" | "ownKeysOnly">): boolean {
  return ownKeysOnly === true || path.startsWith("/console/");
}

/** The context of a procedure. */
export type ProcedureContext = Omit<OperationContext, "tx" | "record" | "checkMay">;

/** Keeps the type of `params` visible to `perform`. */
export function procedure<Params extends TObject>(definition: Procedure<Params>): Procedure {
  return definition as unknown as Procedure;
}

/** Keeps the type of `params` visible to `run`. */
export function operation<Params extends TObject>(definition: Operation<Params>): Operation {
  return definition as unknown as Operation;
}

/** The `object` values that a field may hold: `["bank_account", "card"]`. */
export type ExpanderKinds = readonly string[];

/**
 * Loads the objects for ids in an answer, together, because a statement for each would make lists slow. Each id is
 * requested only once. Objects that this caller cannot see are left out. Make one with `expander`, `expanderOneByOne`
 * or `expanderOf`: they name the kinds of object it loads, so that paths can be checked without an id.
 */
export interface Expander {
  (context: OperationContext, ids: readonly string[]): Promise<ReadonlyMap<string, JsonObject>>;
  readonly objects?: ExpanderKinds;
}

/** A field that always holds whole objects: one, or a list of them. See `inFull` and `listInFull`. */
export interface FieldInFull {
  readonly objects: ExpanderKinds;
  readonly list: boolean;
  readonly make?: undefined;
}

/** A hash of an answer that receives a field, and the object that it belongs to. */
export interface FieldHolder {
  holder: JsonObject;
  object: JsonObject;
}

/** A field that an answer contains only when it is expanded. See `listOnExpansion` and `onExpansion`. */
export interface FieldOnExpansion extends Omit<FieldInFull, "make"> {
  /** Makes its values, each from the hash that gets the field and the object that contains the hash. */
  make(context: OperationContext, of: readonly FieldHolder[]): Promise<readonly Json[]>;
}

/** What `expand` does with a field. Null for a field that always contains the full object, or is never set. */
export type Expandable = Expander | FieldInFull | FieldOnExpansion | null;

/** A kind of object, with its calls. */
export interface Resource {
  /** Its `object` value. */
  object: string;
  operations: readonly Operation[];
  /**
   * Fields of its answers that `expand` may name, by their path: `customer`, `transfer_data.destination`. Hashes that
   * belong to the object itself are listed in `api/embedded-fields.ts`.
   */
  expandable: Readonly<Record<string, Expandable>>;
}
