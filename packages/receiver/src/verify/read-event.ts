import { connectionAfter } from "../connection-events.ts";
import { PING } from "../event-pattern.ts";
import type { InboxEvent } from "../inbox/inbox.ts";
import { lifecycleRank } from "../lifecycle-rank.ts";

/** An event read from verified bytes, without what only the receiver knows. */
export type ReadEvent = Omit<InboxEvent, "source" | "endpoint" | "receivedAt"> & {
  /** A thin event, of API version 2. */
  thin: boolean;
  /**
   * Whose event it is: that of the endpoint's owner, or of a connected account. A test of a destination may come to
   * either.
   */
  scope: "own" | "connected" | "either";
};

/** Strict about UTF-8, lenient about a byte order mark: the bytes are verified unchanged. */
const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** Databases cannot store this character in a text. */
const NUL = "\0";

/** The most characters of an id, which is Stripe's own limit. An index cannot hold ids of any length. */
const LONGEST_ID = 255;

/** The latest time that a date can represent, in Unix milliseconds; the earliest is as long before 1970. */
const LAST_MOMENT = 8.64e15;

export type EventRead = { ok: true; event: ReadEvent; parsed: object } | { ok: false; reason: "not_json" | "not_an_event"; says: string };

type Known = Pick<ReadEvent, "id" | "type" | "livemode" | "body">;

function fault(says: string): EventRead {
  return { ok: false, reason: "not_an_event", says: `The signature is valid, but the body is not an event: ${says}.` };
}

/** Reads verified bytes. A valid signature does not mean that they are an event. */
export function readEvent(body: Uint8Array): EventRead {
  let json: unknown;
  try {
    json = JSON.parse(UTF8.decode(body));
  } catch {
    return { ok: false, reason: "not_json", says: "The signature is valid, but the body is not JSON in UTF-8." };
  }
  if (!isRecord(json)) return fault("it is not an object");
  const { id, object, type, livemode } = json;
  if (object !== "event" && object !== "v2.core.event") return fault('its "object" is neither "event" nor "v2.core.event"');
  if (typeof id !== "string" || id === "") return fault('its "id" is missing');
  if (typeof type !== "string" || type === "") return fault('its "type" is missing');
  if (id.length > LONGEST_ID || type.length > LONGEST_ID) return fault(`its "id" or "type" has more than ${LONGEST_ID} characters`);
  if (id.includes(NUL) || type.includes(NUL)) return fault('its "id" or "type" contains the character NUL');
  if (typeof livemode !== "boolean") return fault('its "livemode" is neither true nor false');
  return object === "event" ? readSnapshot(json, { id, type, livemode, body }) : readThin(json, { id, type, livemode, body });
}

function readSnapshot(event: Record<string, unknown>, { id, type, livemode, body }: Known): EventRead {
  const { created, account, api_version: apiVersion, data } = event;
  const createdMs = typeof created === "number" ? Math.round(created * 1_000) : Number.NaN;
  if (!(Math.abs(createdMs) <= LAST_MOMENT)) return fault('its "created" is not a timestamp');
  if (account !== undefined && account !== null && !isId(account)) return fault('its "account" is not an id');
  if (!isRecord(data) || !isRecord(data.object)) return fault('its "data.object" is missing');
  const { id: objectId, object: kind } = data.object;
  return {
    ok: true,
    parsed: event,
    event: {
      id,
      type,
      livemode,
      body,
      thin: false,
      scope: typeof account === "string" ? "connected" : "own",
      account: account ?? null,
      objectId: withoutNul(typeof objectId === "string" ? objectId : typeof kind === "string" ? kind : ""),
      created: createdMs,
      rank: lifecycleRank(type),
      apiVersion: typeof apiVersion === "string" ? withoutNul(apiVersion) : null,
    },
  };
}

function readThin(event: Record<string, unknown>, { id, type, livemode, body }: Known): EventRead {
  const created = typeof event.created === "string" ? Date.parse(event.created) : Number.NaN;
  if (Number.isNaN(created)) return fault('its "created" is not a timestamp');
  const { context } = event;
  const related = isRecord(event.related_object) ? event.related_object : {};
  const actsFor = accountIn(context);
  const account = actsFor ?? accountAbout(related, event.data);
  if (account !== null && !isId(account)) return fault("its account is not an id");
  return {
    ok: true,
    parsed: event,
    event: {
      id,
      type,
      livemode,
      body,
      thin: true,
      scope: type === PING ? "either" : actsFor === null ? "own" : "connected",
      account,
      objectId: withoutNul(typeof related.id === "string" ? related.id : typeof related.type === "string" ? related.type : ""),
      // Whole events report the same connections, in seconds, so times must be comparable.
      created: connectionAfter(type) === null ? created : Math.floor(created / 1_000) * 1_000,
      rank: lifecycleRank(type),
      apiVersion: null,
    },
  };
}

/**
 * The account of a `Stripe-Context`: the last part of a path such as `acct_platform/acct_connected`.
 * Source: https://docs.stripe.com/context
 */
function accountIn(context: unknown): string | null {
  if (typeof context !== "string") return null;
  const last = context.split("/").at(-1) ?? "";
  return last.startsWith("acct_") ? last : null;
}

/**
 * The account of v2 that a thin event without a context is about: such events come to the platform's own endpoints.
 * Source: https://docs.stripe.com/api/v2/core/accounts/event-types
 */
function accountAbout(related: Record<string, unknown>, data: unknown): string | null {
  const below = typeof related.url === "string" ? /^\/v2\/core\/accounts\/(acct_[^/?#]+)/.exec(related.url)?.[1] : undefined;
  if (below !== undefined) return below;
  if (related.type === "v2.core.account" && typeof related.id === "string") return related.id;
  const named = isRecord(data) ? data.account_id : null;
  return typeof named === "string" && named.startsWith("acct_") ? named : null;
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= LONGEST_ID && !value.includes(NUL);
}

/** Text that a database can store, for fields where no single character matters. */
function withoutNul(text: string): string {
  return text.includes(NUL) ? text.replaceAll(NUL, "") : text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
