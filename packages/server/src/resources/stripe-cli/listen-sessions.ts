import { createHash } from "node:crypto";
import { apiError, LATEST_API_VERSION } from "@carabiner/protocol";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { clearableText, list, optional, params, text } from "../../operations/parameters.ts";
import type { EndpointRow, Forwards, JsonObject, ListenFeature, ListenSessionRow } from "../../store/contract/rows.ts";
import { listenSecret } from "./listen-secret.ts";
import { readTailFilter } from "./request-filter.ts";

/** Random characters of the token that opens a socket: 190 bits. */
const SOCKET_ID_CHARS = 32;

/** A placeholder for a listener's URL, which never receives a request. */
const LISTENER_URL = "stripe-cli:listen";

/**
 * Sessions in which the official CLI listens over a socket. Its protocol is not published; this is what version 1.52
 * sends and accepts.
 */
export function listenSessions({ enabled }: { enabled: boolean }): Resource {
  return {
    object: "stripecli.session",
    expandable: {},
    operations: [
      operation({
        method: "POST",
        path: "/v1/stripecli/sessions",
        ownKeysOnly: true,
        params: params({
          device_name: optional(clearableText(255)),
          websocket_features: list(text(100), 10),
          forward_to_url: optional(clearableText()),
          forward_connect_to_url: optional(clearableText()),
          forward_thin_to_url: optional(clearableText()),
          forward_thin_connect_to_url: optional(clearableText()),
          filters: optional(clearableText()),
        }),
        async run(context, given) {
          if (!enabled) throw apiError("listen_unavailable");
          const { feature, payload } = featureOf(given.websocket_features);
          const filter = feature === "request_logs" ? readTailFilter(given.filters ?? undefined) : null;
          await makeRoom(context);
          const { tx, account, livemode, limits, now, ids, settings, keyHash } = context;
          const owner = { accountId: account.id, livemode, keyHash, deviceName: given.device_name ?? "" };
          const secret = await listenSecret(tx, ids, owner);
          const endpointId = payload === null ? null : await makeListener(context, secret, payload);
          const socketId = `cliws_${ids.secret(SOCKET_ID_CHARS)}`;
          const session: ListenSessionRow = {
            id: listenSessionId(socketId),
            accountId: account.id,
            livemode,
            keyHash,
            feature,
            endpointId,
            created: now,
            opened: false,
            connected: false,
            expiresAt: now + limits.listenDialMs,
            forwards: forwardsOfSession(payload, given),
            filter: filter as JsonObject | null,
          };
          await tx.insertListenSession(session);
          return {
            object: "stripecli.session",
            websocket_url: settings.publicUrl().replace(/^http/, "ws") + subscribePath(session),
            websocket_id: socketId,
            websocket_authorized_feature: feature,
            secret,
            reconnect_delay: Math.max(1, Math.round(limits.listenRedialMs / 1000)),
            default_version: account.apiVersion,
            latest_version: LATEST_API_VERSION,
            display_connect_filter_warning: false,
            device_token: `ed_${ids.secret(SOCKET_ID_CHARS)}`,
          };
        },
      }),
    ],
  };
}

/** The id that a session is stored under, derived from its socket's token. */
export function listenSessionId(socketId: string): string {
  return createHash("sha256").update(socketId).digest("hex");
}

/** The URL of a session's socket. */
export function subscribePath({ accountId, livemode }: Pick<ListenSessionRow, "accountId" | "livemode">): string {
  return `/subscribe/${livemode ? "live" : "test"}/${accountId}`;
}

/**
 * The one feature of a session, and the events that it takes. A client that asks for both whole and thin events has the
 * feature of whole ones, and reads thin ones on the same socket.
 */
function featureOf(features: readonly string[]): { feature: ListenFeature; payload: EndpointRow["payload"] | null } {
  const thin = features.includes("v2_events");
  if (features.includes("webhooks")) return { feature: "webhooks", payload: thin ? "both" : "snapshot" };
  if (thin) return { feature: "v2_events", payload: "thin" };
  if (features.includes("request_logs")) return { feature: "request_logs", payload: null };
  throw apiError("listen_feature_unsupported", { param: "websocket_features" });
}

/**
 * Makes room for one more session. It removes a session that was never opened, otherwise the one whose client has been
 * disconnected the longest. Throws `listen_sessions_too_many` when all are connected.
 */
async function makeRoom({ tx, account, livemode, limits, now }: OperationContext): Promise<void> {
  const sessions = (await tx.listenSessions({ accountId: account.id, livemode })).filter(({ expiresAt }) => expiresAt > now);
  if (sessions.length < limits.listenSessionsPerAccount) return;
  const [spare] = sessions
    .filter(({ connected }) => !connected)
    .sort((one, other) => Number(one.opened) - Number(other.opened) || one.expiresAt - other.expiresAt);
  if (spare === undefined)
    throw apiError("listen_sessions_too_many", { limit: limits.listenSessionsPerAccount, mode: livemode ? "live" : "test" });
  // A session that was never opened has no deliveries. The code that ends expired sessions handles those of other
  // sessions.
  if (spare.opened) await tx.updateListenSession({ ...spare, expiresAt: now });
  else await tx.deleteListenSession(spare.id);
}

/** The endpoint of a session. It counts as deleted, and gets no deliveries, until the socket is opened. */
async function makeListener(
  { tx, account, livemode, now, ids }: OperationContext,
  secret: string,
  payload: EndpointRow["payload"],
): Promise<string> {
  const row: EndpointRow = {
    id: ids.newId("listener", now),
    accountId: account.id,
    livemode,
    connect: false,
    own: true,
    payload,
    name: null,
    url: LISTENER_URL,
    enabledEvents: ["*"],
    apiVersion: null,
    description: null,
    metadata: {},
    status: "enabled",
    disabledReason: null,
    secrets: [{ secret, expiresAt: null }],
    created: now,
    updated: now,
    deleted: true,
    madeBy: null,
    firstFailureAt: null,
    toldOf: null,
    pausedAt: null,
    rateLimit: null,
  };
  await tx.insertEndpoint(row);
  return row.id;
}

interface ForwardUrls {
  forward_to_url?: string | null | undefined;
  forward_connect_to_url?: string | null | undefined;
  forward_thin_to_url?: string | null | undefined;
  forward_thin_connect_to_url?: string | null | undefined;
}

/** Where a session forwards the events that it takes. */
function forwardsOfSession(payload: EndpointRow["payload"] | null, given: ForwardUrls): ListenSessionRow["forwards"] {
  const whole = forwardsOf(given.forward_to_url ?? null, given.forward_connect_to_url ?? null);
  const thin = forwardsOf(given.forward_thin_to_url ?? null, given.forward_thin_connect_to_url ?? null);
  if (payload === "both") return { ...whole, thin };
  return payload === "thin" ? thin : whole;
}

/**
 * URLs are private to the client and may contain secrets. The server stores only whether there are any, and whether
 * they share one receiver.
 */
function forwardsOf(own: string | null, connected: string | null): Forwards {
  const hasOwn = own !== null && own !== "";
  const hasConnected = connected !== null && connected !== "";
  return { own: hasOwn, connected: hasConnected, together: hasOwn && hasConnected && hostOf(own) === hostOf(connected) };
}

/** The official CLI accepts `4242`, `localhost:4242/hook` and whole URLs. */
function hostOf(url: string): string {
  return url.replace(/^https?:\/\//, "").replace(/[/?#].*$/, "");
}
