import { APPLICATION_TYPES, SELECTION_REQUIRED_TYPES, thinFormOf } from "@carabiner/protocol";
import type { EventVariant, JsonObject, NewDelivery } from "../store/contract/rows.ts";
import type { Subscribers, Transaction } from "../store/contract/transaction.ts";
import type { EventDraft, RecordedEvent, Recording } from "./event-draft.ts";
import {
  type PlatformDrafts,
  platformDrafts,
  platformRows,
  type ThinDraft,
  type ThinRows,
  thinFormRows,
  thinRows,
} from "./record-thin-event.ts";
import { type EventContent, knownVersion, type Rendering, renderEvent, renderingName } from "./render-event.ts";
import { type Owed, route, takes } from "./route.ts";

/**
 * The only way to record events: renders them, finds their endpoints, and writes them with their deliveries in the
 * transaction of the change. Returns drafts as events, in the same order. A draft whose type needs selection, but which
 * no endpoint selects, makes no event. A whole event is followed by its thin form where a destination selects that. The
 * result does not include thin forms or events that happen on platforms.
 */
export async function recordEvents(
  tx: Transaction,
  drafts: readonly (EventDraft | ThinDraft | PlatformDrafts)[],
  recording: Recording,
): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  const thinForms: RecordedEvent[] = [];
  const variants: EventVariant[] = [];
  const deliveries: NewDelivery[] = [];
  const known = drafts.length > 1 ? new Map<string, Subscribers>() : null;

  for (const draft of drafts) {
    let subscribers = known?.get(draft.account.id);
    if (subscribers === undefined) {
      subscribers = await tx.subscribers(draft.account.id);
      known?.set(draft.account.id, subscribers);
    }
    if ("drafts" in draft) {
      for (const one of platformDrafts(draft, subscribers))
        for (const rows of platformRows(one, subscribers, recording)) thinForms.push(keepThin(rows));
      continue;
    }
    if ("thin" in draft) {
      if (draft.onPlatforms === undefined) events.push(keepThin(thinRows(draft, subscribers, recording)));
      else for (const rows of platformRows(draft, subscribers, recording)) thinForms.push(keepThin(rows));
      continue;
    }
    const owed = owedTo(draft, subscribers);
    if (awaited(owed) === 0 && draft.published !== true && SELECTION_REQUIRED_TYPES.has(draft.type)) continue;
    const event = record(draft, owed, subscribers);
    const thinType = subscribers.endpoints.some((endpoint) => takes(endpoint, "thin")) ? thinFormOf(draft.type) : null;
    const thin = thinType === null || draft.onlyTo !== undefined ? null : thinFormRows(thinType, draft, event, subscribers, recording);
    if (thin !== null) thinForms.push(keepThin(thin));
  }
  await tx.insertEvents(thinForms.length === 0 ? events : [...events, ...thinForms], variants);
  if (deliveries.length > 0) await tx.insertDeliveries(deliveries);
  return events;

  function keepThin(rows: ThinRows): RecordedEvent {
    variants.push(...rows.variants);
    deliveries.push(...rows.deliveries);
    return rows.event;
  }

  function record(draft: EventDraft, owed: readonly Owed[], subscribers: Subscribers): RecordedEvent {
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
    // Stripe sends these to every endpoint in the version of the account that they are about.
    // Source: https://github.com/stripe/stripe-apps/issues/928
    const ofAccount = APPLICATION_TYPES.has(draft.type) ? draft.account.apiVersion : null;
    const own: Rendering = {
      apiVersion: draft.apiVersion ?? knownVersion(draft.account.apiVersion),
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
      asConnected: own.asConnected,
    };
    events.push(event);

    const ownName = renderingName(own);
    let others: Map<string, Uint8Array> | null = null;
    const { now, ids } = recording;
    const kind = draft.onlyTo === undefined ? "automatic" : "manual";
    for (const { endpoint, asConnected, skipped } of owed) {
      const id = ids.newId("delivery", now);
      if (skipped) {
        // Its bytes are rendered when a resend is requested.
        deliveries.push({ id, kind, event, endpoint, dueAt: now, created: now, variant: null, body: event.body, skipped });
        continue;
      }
      const version = ofAccount ?? endpoint.apiVersion ?? draft.apiVersion ?? subscribers.apiVersions.get(endpoint.accountId);
      const rendering: Rendering = { apiVersion: knownVersion(version), asConnected };
      const name = renderingName(rendering);
      let body = name === ownName ? event.body : others?.get(name);
      if (body === undefined) {
        body = renderEvent(content, rendering);
        others ??= new Map();
        others.set(name, body);
        variants.push({ eventId: event.id, variant: name, body });
      }
      const variant = name === ownName ? null : name;
      deliveries.push({ id, kind, event, endpoint, dueAt: now, created: now, variant, body });
    }
    return event;
  }
}

/** The number of pending endpoints, without skipped ones. */
function awaited(owed: readonly Owed[]): number {
  return owed.reduce((count, { skipped }) => (skipped ? count : count + 1), 0);
}

function owedTo({ account, livemode, type, object, application, onlyTo }: EventDraft, subscribers: Subscribers): Owed[] {
  if (onlyTo !== undefined) return [{ endpoint: onlyTo, asConnected: onlyTo.connect, skipped: false }];
  const platformId = application?.platformId ?? null;
  return route({ accountId: account.id, livemode, type, platformId, objectId: objectIdOf(object), payload: "snapshot" }, subscribers);
}

function objectIdOf({ id }: JsonObject): string | null {
  return typeof id === "string" ? id : null;
}
