import type { ApiError, ApiVersion, IdSource } from "@carabiner/protocol";
import type { Static, TObject } from "typebox";
import type { DestinationRules } from "../destinations.ts";
import type { EventDraft, RecordedEvent } from "../events/record-event.ts";
import type { Limits } from "../limits.ts";
import type { AccountRow, ApplicationRow, Json, JsonObject } from "../store/contract/rows.ts";
import type { Transaction } from "../store/contract/transaction.ts";

/** What a server lets its users do; differs between `carabiner dev` and `carabiner serve`. */
export interface Settings {
  /** Where endpoints may be. Where local ones are allowed, http will do with a live key. */
  destinations: DestinationRules;
  /** Event types that are not in the catalogue may be published. */
  allowCustomEventTypes: boolean;
  /** Where browsers find this server: `https://connect.example.com`, without a slash at its end. Known once it listens. */
  publicUrl(): string;
  /** On its pages anybody may speak for any account; otherwise a secret key of the account proves it. */
  pickAccounts: boolean;
  /** Calls below `/v1/test_helpers` may be made with a live key too. */
  liveTestHelpers: boolean;
  /**
   * Which people `person.*` events tell of: those that the Persons API has written, or all. Source of the rule:
   * https://docs.stripe.com/connect/webhooks
   */
  personEvents: "persons_api" | "all";
}

/** What every change of the world works with, whether a request asked for it or its time had come. */
export interface ChangeContext {
  tx: Transaction;
  now: number;
  livemode: boolean;
  ids: IdSource;
  limits: Limits;
  settings: Settings;
  /** Writes events and what they owe, in this transaction. */
  record(drafts: readonly EventDraft[]): Promise<RecordedEvent[]>;
}

/** Everything an operation may know and do. */
export interface OperationContext extends ChangeContext {
  /** Whose key was used. */
  caller: AccountRow;
  /** The caller's application, if it is a platform. */
  application: ApplicationRow | null;
  /** On whose behalf: the caller, or the connected account named by `Stripe-Account`. */
  account: AccountRow;
  /** The key, masked for messages. */
  keyHint: string;
  /** What tells the key from every other: its SHA-256. */
  keyHash: string;
  apiVersion: ApiVersion;
  request: { id: string; idempotencyKey: string | null };
  /** The address the request came from; null when its connection was gone before that was asked. */
  clientIp: string | null;
  /** The file that came with the request; null when none did. Only for operations that take one. */
  upload: Upload | null;
}

/** A file as it was sent. */
export interface Upload {
  /** The parameter it was sent in. */
  param: string;
  /** What the sender calls it, without folders. */
  name: string;
  bytes: Uint8Array;
  /** SHA-256 of the bytes, in hex. */
  sha256: string;
}

/** One call of the API. */
export interface Operation<Params extends TObject = TObject> {
  method: "GET" | "POST" | "DELETE";
  /** Fastify's form: `/v1/accounts/:account`. */
  path: string;
  /** Whether it may also be called with a publishable key, which anybody may know. */
  publishable?: boolean;
  /** Whether no platform may make it on an account's behalf; see `isForOwnKeys`. */
  ownKeysOnly?: boolean;
  /** What may be given, as a form, a query or JSON; everything else is refused. See `parameters.ts`. */
  params: Params;
  /** The parameter that takes a file, for those that do: sent as multipart/form-data, with the other parameters beside it. */
  upload?: string;
  /**
   * What it does, when the request is known to be well formed. Returns the answer's body.
   * Throws an `ApiError` for what cannot be done, and nothing was. Returns one for what was tried and came out badly,
   * such as a card that was declined: then what was written stays.
   */
  run(context: OperationContext, params: Static<Params>, path: Readonly<Record<string, string>>): Promise<JsonObject | ApiError>;
}

/**
 * A call that runs outside any transaction, once it is known who asks and that the request is well formed: for what
 * takes long or waits for deliveries. Idempotency keys do not apply to it.
 */
export interface Procedure<Params extends TObject = TObject> {
  method: "GET" | "POST" | "DELETE";
  path: string;
  /** As of an operation. */
  ownKeysOnly?: boolean;
  params: Params;
  perform(context: ProcedureContext, params: Static<Params>, path: Readonly<Record<string, string>>): Promise<JsonObject>;
}

/**
 * Whether a call is for an account's own keys alone, and refused to a platform that acts for the account with
 * `Stripe-Account` or an access token. What lies below `/console/` always is: it stands for the Dashboard, which is the
 * user's.
 */
export function isForOwnKeys({ path, ownKeysOnly }: Pick<Operation, "path" | "ownKeysOnly">): boolean {
  return ownKeysOnly === true || path.startsWith("/console/");
}

/** What a procedure may know. */
export type ProcedureContext = Omit<OperationContext, "tx" | "record">;

/** Keeps the type of `params` for `perform` to see. */
export function procedure<Params extends TObject>(definition: Procedure<Params>): Procedure {
  return definition as unknown as Procedure;
}

/** Keeps the type of `params` for `run` to see. */
export function operation<Params extends TObject>(definition: Operation<Params>): Operation {
  return definition as unknown as Operation;
}

/** The `object` values of what stands in a field: `["bank_account", "card"]`. */
export type ExpanderKinds = readonly string[];

/**
 * Loads what an id in an answer stands for. Null when it is not there for this caller. Make one with `expander` or
 * `expanderOf`: they say which kinds of object it loads, so that paths can be checked where there is no id.
 */
export interface Expander {
  (context: OperationContext, id: string): Promise<JsonObject | null>;
  readonly objects?: ExpanderKinds;
}

/** A field that always holds whole objects: one, or a list of them. See `inFull` and `listInFull`. */
export interface FieldInFull {
  readonly objects: ExpanderKinds;
  readonly list: boolean;
  readonly make?: undefined;
}

/** A field that an answer has only when it is expanded. See `listOnExpansion` and `onExpansion`. */
export interface FieldOnExpansion extends Omit<FieldInFull, "make"> {
  /** Makes its value, from the hash that it is a field of and the object that this hash belongs to. */
  make(context: OperationContext, holder: JsonObject, object: JsonObject): Promise<Json>;
}

/** What `expand` does with a field. Null: the field is always in full, or never set. */
export type Expandable = Expander | FieldInFull | FieldOnExpansion | null;

/** A kind of object, with its calls. */
export interface Resource {
  /** Its `object` value. */
  object: string;
  operations: readonly Operation[];
  /**
   * Fields of its answers that `expand` may name, by their path in the object: `customer`, `transfer_data.destination`.
   * Hashes that belong to the object itself stand in `api/embedded-fields.ts` instead.
   */
  expandable: Readonly<Record<string, Expandable>>;
}
