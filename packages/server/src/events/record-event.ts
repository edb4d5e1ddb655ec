import { APPLICATION_TYPES, type ApiVersion, type EndpointEventType, type IdSource, SELECTION_REQUIRED_TYPES } from "@carabiner/protocol";
import type { AccountRow, EndpointRow, EventRow, EventVariant, JsonObject, NewDelivery } from "../store/contract/rows.ts";
import type { Subscribers, Transaction } from "../store/contract/transaction.ts";
import type { RecordedType } from "./recorded-types.ts";
import { type EventContent, type EventRequest, knownVersion, type Rendering, renderEvent, renderingName } from "./render-event.ts";
import { type Owed, route } from "./route.ts";

/**
 * Something that happened, before it is an event. The compiler knows the types that the server records by itself. A
 * published event may have any type: the code that handles the request has checked it.
 */
export type EventDraft = DraftContent &
  (
    | { type: RecordedType | EndpointEventType; published?: false | undefined }
    /** Asked for by name: recorded even when nobody takes it. Other drafts of a type that needs selection are dropped then. */
    | { type: string; published: true }
  );

interface DraftContent {
  /** The account it happened on. */
  account: AccountRow;
  livemode: boolean;
  /** `data.object`: the whole resource as it is after the change. */
  object: JsonObject;
  /** What it was before, where it differs; only for `*.updated`. */
  previousAttributes?: JsonObject | undefined;
  /** The platform it goes to alone, for `account.application.*`. */
  application?: { id: string; platformId: string } | undefined;
  /** Made here when left out. */
  id?: string | undefined;
  /** Unix milliseconds; now when left out. */
  created?: number | undefined;
  /** The time it is kept and listed by, in Unix milliseconds; when it was created, when left out. */
  keptSince?: number | undefined;
  /** The version of the stored event, and of what endpoints without a version get; those of the accounts when left out. */
  apiVersion?: ApiVersion | undefined;
  /** The request that caused it; null for none. That of the recording when left out. */
  request?: EventRequest | null | undefined;
  /** For this endpoint alone, and once: a test of the endpoint, which nobody else hears of. */
  onlyTo?: EndpointRow | undefined;
}

/** What the events of one request share. */
export interface Recording {
  now: number;
  ids: IdSource;
  /** The request that caused them; null when the clock did. */
  request: { id: string; idempotencyKey: string | null } | null;
}

/** An event just recorded, and how many endpoints it is owed to. */
export interface RecordedEvent extends EventRow {
  pendingWebhooks: number;
}

/**
 * The one door for events: renders them, finds whom they are owed to, and writes them with their deliveries in the
 * transaction of the change they tell of. Drafts come back as events in the same order; a draft of a type that
 * needs selection, which no endpoint selects, makes no event.
 */
export async function recordEvents(tx: Transaction, drafts: readonly EventDraft[], recording: Recording): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  const variants: EventVariant[] = [];
  const deliveries: NewDelivery[] = [];
  const known = new Map<string, Subscribers>();

  for (const draft of drafts) {
    let subscribers = known.get(draft.account.id);
    if (subscribers === undefined) {
      subscribers = await tx.subscribers(draft.account.id);
      known.set(draft.account.id, subscribers);
    }
    const owed = owedTo(draft, subscribers);
    if (awaited(owed) === 0 && draft.published !== true && SELECTION_REQUIRED_TYPES.has(draft.type)) continue;
    record(draft, owed, subscribers);
  }
  await tx.insertEvents(events, variants);
  if (deliveries.length > 0) await tx.insertDeliveries(deliveries);
  return events;

  function record(draft: EventDraft, owed: readonly Owed[], subscribers: Subscribers): void {
    const content: EventContent = {
      id: draft.id ?? recording.ids.newId("event", recording.now),
      accountId: draft.account.id,
      created: draft.created ?? recording.now,
      livemode: draft.livemode,
      type: draft.type,
      object: draft.object,
      previousAttributes: draft.previousAttributes,
      pendingWebhooks: awaited(owed),
      request: draft.request === undefined ? recording.request : draft.request,
    };
    const versioned = !APPLICATION_TYPES.has(draft.type);
    const own: Rendering = {
      apiVersion: versioned ? (draft.apiVersion ?? knownVersion(draft.account.apiVersion)) : null,
      asConnected: subscribers.connections.length > 0,
    };
    const event: RecordedEvent = {
      id: content.id,
      accountId: content.accountId,
      livemode: content.livemode,
      type: content.type,
      created: draft.keptSince ?? content.created,
      objectId: objectIdOf(draft.object),
      applicationId: draft.application?.id ?? null,
      body: renderEvent(content, own),
      pendingWebhooks: awaited(owed),
    };
    events.push(event);

    const ownName = renderingName(own);
    const rendered = new Map([[ownName, event.body]]);
    for (const { endpoint, asConnected, skipped } of owed) {
      if (skipped) {
        // Its bytes are rendered when somebody asks for them to be sent.
        deliveries.push({ ...delivery(event, endpoint), variant: null, body: event.body, skipped });
        continue;
      }
      const version = endpoint.apiVersion ?? draft.apiVersion ?? subscribers.apiVersions.get(endpoint.accountId);
      const rendering: Rendering = { apiVersion: versioned ? knownVersion(version) : null, asConnected };
      const name = renderingName(rendering);
      let body = rendered.get(name);
      if (body === undefined) {
        body = renderEvent(content, rendering);
        rendered.set(name, body);
        variants.push({ eventId: event.id, variant: name, body });
      }
      deliveries.push({ ...delivery(event, endpoint), variant: name === ownName ? null : name, body });
    }

    function delivery(event: EventRow, endpoint: EndpointRow): Omit<NewDelivery, "variant" | "body"> {
      const { now, ids } = recording;
      const kind = draft.onlyTo === undefined ? "automatic" : "manual";
      return { id: ids.newId("delivery", now), kind, event, endpoint, dueAt: now, created: now };
    }
  }
}

/** How many endpoints are waited for: those that were skipped are not. */
function awaited(owed: readonly Owed[]): number {
  return owed.reduce((count, { skipped }) => (skipped ? count : count + 1), 0);
}

function owedTo({ account, livemode, type, object, application, onlyTo }: EventDraft, subscribers: Subscribers): Owed[] {
  if (onlyTo !== undefined) return [{ endpoint: onlyTo, asConnected: onlyTo.connect, skipped: false }];
  const event = { accountId: account.id, livemode, type, platformId: application?.platformId ?? null, objectId: objectIdOf(object) };
  return route(event, subscribers);
}

function objectIdOf({ id }: JsonObject): string | null {
  return typeof id === "string" ? id : null;
}
