import type { ThinEventType } from "@carabiner/protocol";
import type { AccountRow, ConnectionRow, EndpointRow, EventVariant, JsonObject, NewDelivery } from "../store/contract/rows.ts";
import type { Subscribers } from "../store/contract/transaction.ts";
import { mayActFor } from "./connection-access.ts";
import type { EventDraft, RecordedEvent, Recording } from "./event-draft.ts";
import { presentAttributes } from "./previous-attributes.ts";
import { relatedObject } from "./related-object.ts";
import type { EventRequest } from "./render-event.ts";
import { type Owed, route } from "./route.ts";
import { notificationName, renderNotification, type ThinChanges, thinEvent } from "./thin-event.ts";

/** Something that happened, before it is a thin event. */
export interface ThinDraft {
  thin: true;
  type: ThinEventType;
  /** The account it happened on. */
  account: Pick<AccountRow, "id">;
  livemode: boolean;
  /** What it is about; see `related-object.ts`. */
  related: JsonObject | null;
  changes?: ThinChanges | undefined;
  data?: JsonObject | undefined;
  /** Only for this endpoint, and once: a test of the endpoint, which no other endpoint receives. */
  onlyTo?: EndpointRow | undefined;
  /**
   * For an event of the v2 API about a connected account. It happens on each platform that may act for the account and
   * whose connection passes the filter. The event belongs to the platform's own scope, and is recorded if one of the
   * platform's destinations selects it.
   */
  onPlatforms?: ((connection: ConnectionRow) => boolean) | undefined;
}

/**
 * What happened to a connected account, for the events of the v2 API on its platforms. Making the drafts takes time, so
 * they are made only where a platform has an endpoint for thin events of its own scope.
 */
export interface PlatformDrafts {
  account: Pick<AccountRow, "id">;
  /** Each of them has `onPlatforms`. */
  drafts(): readonly ThinDraft[];
}

/** The rows that are written for a thin event. */
export interface ThinRows {
  event: RecordedEvent;
  variants: EventVariant[];
  deliveries: NewDelivery[];
}

/** What a whole event adds to the thin event about the same change. */
interface FromSnapshot {
  id: string;
  created: number;
  keptSince: number;
  request: EventRequest | null;
  application: { id: string; platformId: string } | undefined;
}

/** The rows of a thin event, with its deliveries. */
export function thinRows(draft: ThinDraft, subscribers: Subscribers, recording: Recording): ThinRows {
  return rowsOf(draft, owedTo(draft, null, subscribers), recording, null);
}

/**
 * The rows of an event of the v2 API about a connected account: one event for each platform with a destination that
 * selects it. Source: https://docs.stripe.com/connect/accounts-v2
 */
export function platformRows(draft: ThinDraft, { connections, endpoints, apiVersions }: Subscribers, recording: Recording): ThinRows[] {
  const passing = connections.filter((connection) => draft.onPlatforms?.(connection) ?? true);
  const platforms = Map.groupBy(passing, ({ platformId }) => platformId);
  return [...platforms].flatMap(([platformId, ofPlatform]) => {
    if (!mayActFor(ofPlatform, draft.livemode)) return [];
    const own = endpoints.filter(({ accountId, own }) => own && accountId === platformId);
    const event: ThinDraft = { ...draft, account: { id: platformId } };
    const owed = owedTo(event, null, { connections: [], endpoints: own, apiVersions });
    return owed.length === 0 ? [] : [rowsOf(event, owed, recording, null)];
  });
}

/** The drafts, if a platform could receive them. */
export function platformDrafts({ account, drafts }: PlatformDrafts, { endpoints }: Subscribers): readonly ThinDraft[] {
  return endpoints.some(({ accountId, own, payload }) => payload !== "snapshot" && own && accountId !== account.id) ? drafts() : [];
}

/**
 * The rows of the thin event about the same change as a whole one. Null if no endpoint selects it: without a receiver,
 * it would only double what is stored.
 */
export function thinFormRows(
  type: ThinEventType,
  draft: EventDraft,
  snapshot: RecordedEvent,
  subscribers: Subscribers,
  recording: Recording,
): ThinRows | null {
  const { account, livemode, object, previousAttributes, application } = draft;
  const thin: ThinDraft = {
    thin: true,
    type,
    account,
    livemode,
    related: relatedObject(type, object),
    changes: previousAttributes === undefined ? undefined : changesOf(previousAttributes, object),
  };
  const owed = owedTo(thin, application?.platformId ?? null, subscribers);
  if (owed.length === 0) return null;
  return rowsOf(thin, owed, recording, {
    id: snapshot.id,
    created: draft.created ?? recording.now,
    keptSince: snapshot.created,
    request: draft.request === undefined ? recording.request : draft.request,
    application,
  });
}

/** The changed fields of an object, before and after. */
function changesOf(before: JsonObject, object: JsonObject): ThinChanges {
  return { before, after: presentAttributes(before, object) };
}

function owedTo({ account, livemode, type, related, onlyTo }: ThinDraft, platformId: string | null, subscribers: Subscribers): Owed[] {
  if (onlyTo !== undefined) return [{ endpoint: onlyTo, asConnected: false, skipped: false }];
  const objectId = typeof related?.id === "string" ? related.id : null;
  return route({ accountId: account.id, livemode, type, platformId, objectId, payload: "thin" }, subscribers);
}

function rowsOf(draft: ThinDraft, owed: readonly Owed[], { now, ids, request }: Recording, snapshot: FromSnapshot | null): ThinRows {
  const { account, livemode, type, related, changes, data, onlyTo } = draft;
  const id = ids.newId("event", now);
  const event: RecordedEvent = {
    id,
    accountId: account.id,
    livemode,
    type,
    created: snapshot?.keptSince ?? now,
    objectId: typeof related?.id === "string" ? related.id : null,
    applicationId: snapshot?.application?.id ?? null,
    body: Buffer.from(
      JSON.stringify(
        thinEvent({
          id,
          type,
          created: snapshot?.created ?? now,
          livemode,
          related,
          snapshotId: snapshot?.id ?? null,
          changes: changes ?? null,
          data: data ?? null,
          request: snapshot === null ? request : snapshot.request,
        }),
      ),
    ),
    pendingWebhooks: owed.filter(({ skipped }) => !skipped).length,
    asConnected: false,
  };
  const rendered = new Map<string, Uint8Array>();
  const variants: EventVariant[] = [];
  const deliveries = owed.map(({ endpoint, asConnected, skipped }): NewDelivery => {
    const delivery = {
      id: ids.newId("delivery", now),
      kind: onlyTo === undefined ? ("automatic" as const) : ("manual" as const),
      event,
      endpoint,
      dueAt: now,
      created: now,
    };
    // Its bytes are rendered when a resend is requested.
    if (skipped) return { ...delivery, variant: null, body: event.body, skipped };
    const variant = notificationName(asConnected);
    let body = rendered.get(variant);
    if (body === undefined) {
      body = renderNotification(event, asConnected);
      rendered.set(variant, body);
      variants.push({ eventId: id, variant, body });
    }
    return { ...delivery, variant, body };
  });
  return { event, variants, deliveries };
}
