import { apiError } from "@carabiner/protocol";
import { type OperationContext, operation, type Resource } from "../operations/operation.ts";
import { isOwned } from "../operations/owned-row.ts";
import { pageAsked } from "../operations/page-asked.ts";
import { choice, integer, listAnswer, optional, pageProperties, params, text, timeFilter } from "../operations/parameters.ts";
import { seconds, type TimeFilter, timeRange } from "../operations/time-range.ts";
import { accessibleAccount } from "../resources/access/accessible-account.ts";
import { FAULTS } from "../store/contract/faults.ts";
import type { AttemptRow, DeliveryRow, DeliveryState, EndpointRow, JsonObject, LastAttempt, UncleanEnd } from "../store/contract/rows.ts";
import type { DeliveryFilter, Reads } from "../store/contract/transaction.ts";
import { explainedSignature } from "./attempt-signature.ts";
import { STATUS_CLASSES, statusesAsked } from "./statuses-asked.ts";

/** Deliveries and their attempts, for the owner of the endpoint. */
export const deliveries: Resource = {
  object: "delivery",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/deliveries",
      params: params({
        ...pageProperties,
        endpoint: optional(text()),
        event: optional(text()),
        /** Only events that happened on this account. */
        account: optional(text()),
        created: optional(timeFilter()),
        /**
         * `retrying`: pending, after at least one attempt. `unreceived`: given up, and no later delivery of the event
         * has arrived or is waiting.
         */
        state: optional(choice(["pending", "retrying", "succeeded", "exhausted", "unreceived", "cancelled", "quarantined"])),
        /** A type, or a group with a star, such as `account.*`. */
        type: optional(text()),
        /** The status that answered the last attempt, or its class. */
        status: optional(integer(100, 599)),
        status_class: optional(choice(STATUS_CLASSES)),
        /** The fault that ended the last attempt without an answer. */
        fault: optional(choice(FAULTS)),
      }),
      async run(context, given) {
        const { tx, account, livemode, limits } = context;
        const { rows, hasMore } = await tx.deliveries(
          {
            accountId: account.id,
            livemode,
            ...filterOf(given),
            ...(given.account === undefined ? {} : { eventAccountId: (await accessibleAccount(context, given.account)).id }),
          },
          await pageAsked(given, limits, { name: "delivery", knows: async (id) => isOwned(await tx.delivery(id), context) }),
        );
        return listAnswer("/console/deliveries", await deliveryAnswers(context, rows), hasMore);
      },
    }),
    operation({
      method: "GET",
      path: "/console/deliveries/:delivery",
      params: params({}),
      async run(context, _, { delivery }) {
        return deliveryInFull(context, await ownDelivery(context, delivery ?? "", "delivery"));
      },
    }),
    operation({
      method: "GET",
      path: "/console/deliveries/:delivery/attempts",
      params: params({}),
      async run(context, _, { delivery }) {
        const row = await ownDelivery(context, delivery ?? "", "delivery");
        const sent = await sentOf(context.tx, row);
        const attempts = (await context.tx.attempts(row.id)).map((each) => attemptAnswer(each, sent, keepsBodies(row, context)));
        return listAnswer(`/console/deliveries/${row.id}/attempts`, attempts, false);
      },
    }),
    operation({
      method: "POST",
      path: "/console/deliveries/:delivery/release",
      params: params({}),
      async run(context, _, { delivery }) {
        const row = await ownDelivery(context, delivery ?? "", "delivery");
        if (!(await context.tx.releaseQuarantined(row.id, context.now)))
          throw apiError("delivery_not_quarantined", { delivery: row.id, state: row.state, param: "delivery" });
        return deliveryInFull(context, await ownDelivery(context, row.id, "delivery"));
      },
    }),
  ],
};

interface Asked {
  endpoint?: string;
  event?: string;
  created?: TimeFilter;
  state?: DeliveryState | "retrying" | "unreceived";
  type?: string;
  status?: number;
  status_class?: (typeof STATUS_CLASSES)[number];
  fault?: string;
}

/**
 * The filter that a list asks for. Throws `parameters_exclusive` for two parameters about how the last attempt ended.
 */
function filterOf({ endpoint, event, created, state, type, fault, ...answered }: Asked): Omit<DeliveryFilter, "accountId" | "livemode"> {
  const statuses = statusesAsked(answered);
  if (fault !== undefined && statuses.length > 0)
    throw apiError("parameters_exclusive", { param: "fault", other: answered.status === undefined ? "status_class" : "status" });
  return {
    ...(endpoint === undefined ? {} : { endpointId: endpoint }),
    ...(event === undefined ? {} : { eventId: event }),
    ...stateAsked(state),
    ...(type === undefined ? {} : type.includes("*") ? { eventTypePattern: type } : { eventType: type }),
    ...(created === undefined ? {} : { created: timeRange(created) }),
    ...(statuses.length === 0 ? {} : { statuses }),
    ...(fault === undefined ? {} : { fault }),
  };
}

function stateAsked(state: Asked["state"]): Pick<DeliveryFilter, "state" | "tried" | "unreceived"> {
  if (state === undefined) return {};
  if (state === "retrying") return { state: "pending", tried: true };
  return state === "unreceived" ? { state: "exhausted", unreceived: true } : { state };
}

async function ownDelivery(context: OperationContext, id: string, param: string): Promise<DeliveryRow> {
  const row = await context.tx.delivery(id);
  if (row === null || !isOwned(row, context)) throw apiError("resource_missing", { object: "delivery", id, param });
  return row;
}

async function deliveryInFull(context: OperationContext, row: DeliveryRow): Promise<JsonObject> {
  const { tx } = context;
  const attempts = await tx.attempts(row.id);
  const sent = await sentOf(tx, row);
  const ends = await tx.uncleanEnds(row.id);
  return {
    ...deliveryAnswer(row, attempts.at(-1) ?? null),
    request: { method: "POST", url: sent.endpoint?.url ?? null, body: sent.body === null ? null : Buffer.from(sent.body).toString("utf8") },
    attempts: attempts.map((each) => attemptAnswer(each, sent, keepsBodies(row, context))),
    unclean_ends: ends.map(endAnswer),
  };
}

/** What the attempts of a delivery send, and where to. */
interface Sent {
  /** Null when the endpoint no longer exists. */
  body: Uint8Array | null;
  /** The endpoint as it is now: when an attempt was made, it may have had another URL, and secrets that are gone. */
  endpoint: EndpointRow | null;
}

async function sentOf(tx: Reads, row: DeliveryRow): Promise<Sent> {
  return { body: await bodyOf(tx, row), endpoint: await tx.endpoint(row.endpointId) };
}

/** The bytes that each attempt sends; null when they are gone. */
async function bodyOf(tx: Reads, { eventId, variant }: DeliveryRow): Promise<Uint8Array | null> {
  return (variant === null ? (await tx.event(eventId))?.body : (await tx.eventVariant(eventId, variant))?.body) ?? null;
}

/** Why a delivery is quarantined, for people. */
const QUARANTINED =
  "The server ended unexpectedly twice while this delivery was the only one under way. Its endpoint's answer may be what ends it.";

/** Deliveries as the console shows them, each with the outcome of its last attempt. */
export async function deliveryAnswers({ tx }: { tx: Pick<Reads, "lastAttempts"> }, rows: readonly DeliveryRow[]): Promise<JsonObject[]> {
  const last = await tx.lastAttempts(rows.map(({ id }) => id));
  return rows.map((row) => deliveryAnswer(row, last.get(row.id) ?? null));
}

/** A delivery as the console shows it, with its last attempt, if there was one. Times are Unix seconds. */
function deliveryAnswer(row: DeliveryRow, last: LastAttempt | null): JsonObject {
  return {
    id: row.id,
    object: "delivery",
    kind: row.kind,
    event: row.eventId,
    event_type: row.eventType,
    account: row.eventAccountId,
    livemode: row.eventLivemode,
    webhook_endpoint: row.endpointId,
    state: row.state,
    attempt_count: row.attempts,
    created: seconds(row.created),
    next_attempt_at: row.nextAttemptAt === null ? null : seconds(row.nextAttemptAt),
    settled_at: row.settledAt === null ? null : seconds(row.settledAt),
    reason: reasonOf(row),
    last_attempt:
      last === null
        ? null
        : { at: seconds(last.at), duration_ms: last.durationMs, outcome: last.outcome, status: last.status, reason: last.reason },
  };
}

/** Why nothing (more) is sent, when the attempts do not say; null when they do. */
function reasonOf({ state, skipped }: DeliveryRow): string | null {
  if (state === "quarantined") return QUARANTINED;
  if (state !== "cancelled") return null;
  return skipped ? "The endpoint was disabled when the event was recorded." : "The endpoint was disabled or deleted when this fell due.";
}

/** Whether the answers to a delivery's attempts are still kept; they may exist a little longer than that. */
function keepsBodies({ created, state }: DeliveryRow, { now, limits }: Pick<OperationContext, "now" | "limits">): boolean {
  return state === "pending" || now - created <= limits.attemptBodiesKeptMs;
}

/** An attempt as the console shows it. Without `bodies`, its answer is no longer kept. */
function attemptAnswer(row: AttemptRow, { body, endpoint }: Sent, bodies: boolean): JsonObject {
  return {
    number: row.number,
    at: seconds(row.at),
    duration_ms: row.durationMs,
    outcome: row.outcome,
    status: row.status,
    reason: row.reason,
    retry_after_ms: row.retryAfterMs,
    phases: phasesAnswer(row),
    request_headers: row.requestHeaders,
    signature: body === null ? null : explainedSignature(row.requestHeaders, body, endpoint?.secrets ?? []),
    response_headers: bodies ? row.responseHeaders : null,
    response_body: bodies ? row.responseBody : null,
  };
}

/** How long the parts of an attempt took, in milliseconds; null for attempts of versions that did not measure them. */
function phasesAnswer({ phases, durationMs }: AttemptRow): JsonObject | null {
  if (phases === null) return null;
  const { reused, dnsMs, connectMs, tlsMs, firstByteMs } = phases;
  return {
    connection: reused ? "reused" : "new",
    dns_ms: dnsMs,
    connect_ms: connectMs,
    tls_ms: tlsMs,
    first_byte_ms: firstByteMs,
    total_ms: durationMs,
  };
}

/** Only the operator may know how many other deliveries were under way: they may belong to other tenants. */
function endAnswer({ at, underWay }: UncleanEnd): JsonObject {
  return { at: seconds(at), alone: underWay === 1 };
}
