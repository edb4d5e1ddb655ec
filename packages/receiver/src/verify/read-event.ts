import type { InboxEvent } from "../inbox/inbox.ts";
import { lifecycleRank } from "../lifecycle-rank.ts";

/** An event read from verified bytes, without what only the receiver knows. */
export type ReadEvent = Omit<InboxEvent, "source" | "endpoint" | "receivedAt"> & {
  /** A thin event, of API version 2. */
  thin: boolean;
};

/** Strict about UTF-8, lenient about a byte order mark: the bytes are verified unchanged. */
const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** A database cannot store this character in a text. */
const NUL = "\0";

export type EventRead = { ok: true; event: ReadEvent; parsed: object } | { ok: false; reason: "not_json" | "not_an_event"; says: string };

/** Reads verified bytes. A signature alone does not make them an event. */
export function readEvent(body: Uint8Array): EventRead {
  let json: unknown;
  try {
    json = JSON.parse(UTF8.decode(body));
  } catch {
    return { ok: false, reason: "not_json", says: "The signature is valid, but the body is not JSON in UTF-8." };
  }
  const fault = (says: string): EventRead => ({
    ok: false,
    reason: "not_an_event",
    says: `The signature is valid, but the body is not an event: ${says}.`,
  });
  if (!isRecord(json)) return fault("it is not an object");
  const { id, object, type, livemode } = json;
  if (object !== "event" && object !== "v2.core.event") return fault('its "object" is neither "event" nor "v2.core.event"');
  if (typeof id !== "string" || id === "") return fault('its "id" is missing');
  if (typeof type !== "string" || type === "") return fault('its "type" is missing');
  if ([id, type].some((text) => text.includes(NUL))) return fault('its "id" or "type" contains the character NUL');
  if (typeof livemode !== "boolean") return fault('its "livemode" is neither true nor false');
  return object === "event" ? snapshot(json, { id, type, livemode, body }) : thin(json, { id, type, livemode, body });

  function snapshot(event: Record<string, unknown>, known: Pick<ReadEvent, "id" | "type" | "livemode" | "body">): EventRead {
    const { created, account, api_version: apiVersion, data } = event;
    if (typeof created !== "number" || !Number.isFinite(created)) return fault('its "created" is not a timestamp');
    if (account !== undefined && account !== null && (typeof account !== "string" || account === "" || account.includes(NUL)))
      return fault('its "account" is no id');
    if (!isRecord(data) || !isRecord(data.object)) return fault('its "data.object" is missing');
    const { id: objectId, object: kind } = data.object;
    return {
      ok: true,
      parsed: event,
      event: {
        id: known.id,
        type: known.type,
        livemode: known.livemode,
        body: known.body,
        thin: false,
        account: account ?? null,
        objectId: withoutNul(typeof objectId === "string" ? objectId : typeof kind === "string" ? kind : ""),
        created: created * 1_000,
        rank: lifecycleRank(known.type),
        apiVersion: typeof apiVersion === "string" ? withoutNul(apiVersion) : null,
      },
    };
  }

  function thin(event: Record<string, unknown>, known: Pick<ReadEvent, "id" | "type" | "livemode" | "body">): EventRead {
    const created = typeof event.created === "string" ? Date.parse(event.created) : Number.NaN;
    if (Number.isNaN(created)) return fault('its "created" is not a timestamp');
    const { context, related_object: related } = event;
    const account =
      accountIn(context) ?? (isRecord(related) && related.type === "v2.core.account" && typeof related.id === "string" ? related.id : null);
    if (account?.includes(NUL) === true) return fault("its account is not an id");
    return {
      ok: true,
      parsed: event,
      event: {
        ...known,
        thin: true,
        account,
        objectId: isRecord(related) && typeof related.id === "string" ? withoutNul(related.id) : "",
        created,
        rank: lifecycleRank(known.type),
        apiVersion: null,
      },
    };
  }
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

/** Text that a database can store, for fields where no single character matters. */
function withoutNul(text: string): string {
  return text.replaceAll(NUL, "");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
