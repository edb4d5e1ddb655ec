import { LATEST_API_VERSION } from "@carabiner/protocol";
import { renderAgain } from "../../events/render-event.ts";
import type { RequestRow } from "../../store/contract/rows.ts";
import type { Posted } from "../../transport/transport.ts";

/** What the official CLI sends over its socket. */
export type ClientFrame =
  | { kind: "acknowledged"; conversation: string }
  | { kind: "answered"; conversation: string; status: number; headers: Record<string, string>; body: string }
  | { kind: "other" };

/**
 * How many headers of a local server's answer are kept, and how many characters of each name and value. The client
 * sends no more than that.
 */
const HEADERS_KEPT = 30;
const HEADER_NAME_CHARS = 100;
const HEADER_VALUE_CHARS = 500;

/** Reads a frame; null when the text is not one. Pure. */
export function readClientFrame(text: string): ClientFrame | null {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof frame !== "object" || frame === null || Array.isArray(frame)) return null;
  const { type, webhook_conversation_id, webhook_id, status, http_headers, body } = frame as Record<string, unknown>;
  // For a thin event the client repeats only the id of its destination.
  const conversation = webhook_conversation_id === "" || webhook_conversation_id === undefined ? webhook_id : webhook_conversation_id;
  if (typeof type !== "string") return null;
  if (type !== "event_ack" && type !== "webhook_response") return { kind: "other" };
  if (typeof conversation !== "string") return null;
  if (type === "event_ack") return { kind: "acknowledged", conversation };
  if (!Number.isInteger(status) || (status as number) < 100 || (status as number) > 999) return null;
  return {
    kind: "answered",
    conversation,
    status: status as number,
    headers: headersOf(http_headers),
    body: typeof body === "string" ? body : "",
  };
}

function headersOf(given: unknown): Record<string, string> {
  if (typeof given !== "object" || given === null) return {};
  const pairs = Object.entries(given)
    .filter((pair): pair is [string, string] => typeof pair[1] === "string")
    .slice(0, HEADERS_KEPT)
    .map(([name, value]) => [name.toLowerCase().slice(0, HEADER_NAME_CHARS), value.slice(0, HEADER_VALUE_CHARS)] as const);
  return Object.fromEntries(pairs);
}

/** Turns a local server's answer into an endpoint's answer. Keeps `keptChars` of its body. */
export function postedOf(
  { status, headers, body }: Extract<ClientFrame, { kind: "answered" }>,
  durationMs: number,
  keptChars: number,
): Posted {
  return { kind: "answer", status, headers, body: body.slice(0, keptChars), truncated: body.length > keptChars, durationMs };
}

/**
 * One of the two copies of an event that a client is sent. It uses the one in the requested version and drops the
 * other.
 */
export interface EventCopy {
  /** Null for the copy in the account's default version. */
  version: string | null;
  payload: string;
  headers: Readonly<Record<string, string>>;
  conversation: string;
}

/** The frame of an event's copy. */
export function eventFrame({ version, payload, headers, conversation }: EventCopy, listenerId: string): string {
  return JSON.stringify({
    type: "webhook_event",
    endpoint: { api_version: version },
    event_payload: payload,
    http_headers: headers,
    webhook_conversation_id: conversation,
    webhook_id: listenerId,
  });
}

/**
 * The frame of a thin event. The client's replies name the conversation where they would name a destination.
 */
export function thinFrame({ payload, headers, conversation }: Omit<EventCopy, "version">): string {
  return JSON.stringify({ type: "v2_event", payload, http_headers: headers, destination_id: conversation });
}

/** What a listener needs to know of an event. */
export interface HeardEvent {
  /** The connected account it happened on; null for the listener's own. */
  account: string | null;
  objectId: string | null;
  /** The event in the latest version. */
  latest: string;
}

/** Reads an event as it was rendered for a listener. */
export function readHeardEvent(payload: string): HeardEvent {
  const parsed = JSON.parse(payload) as { object: string };
  if (parsed.object !== "v2.core.event") return readHeardSnapshot(payload);
  const { context, related_object: related } = parsed as { context?: string; related_object?: { id?: unknown } };
  return { account: context ?? null, objectId: typeof related?.id === "string" ? related.id : null, latest: payload };
}

function readHeardSnapshot(payload: string): HeardEvent {
  const event = JSON.parse(payload) as {
    id: string;
    account?: string;
    api_version: string | null;
    created: number;
    livemode: boolean;
    type: string;
    data: { object: { id?: unknown } };
  };
  const { id, created, livemode, type, api_version } = event;
  const account = event.account ?? null;
  const objectId = typeof event.data.object.id === "string" ? event.data.object.id : null;
  if (api_version === null || api_version === LATEST_API_VERSION) return { account, objectId, latest: payload };
  const row = {
    id,
    accountId: account ?? "",
    livemode,
    type,
    created: created * 1000,
    objectId,
    applicationId: null,
    body: Buffer.from(payload),
  };
  const latest = renderAgain(row, { apiVersion: LATEST_API_VERSION, asConnected: account !== null });
  return { account, objectId, latest: Buffer.from(latest).toString() };
}

/** The frame that reports a request. */
export function requestFrame({ id, at, livemode, method, status, path, error }: RequestRow): string {
  const told = error === null ? {} : { type: error.type, code: error.code ?? "", message: error.message, param: error.param ?? "" };
  return JSON.stringify({
    type: "request_log_event",
    request_log_id: id.replace(/^req_/, "resp_"),
    event_payload: JSON.stringify({
      created_at: Math.floor(at / 1000),
      livemode,
      method,
      request_id: id,
      status,
      url: path,
      error: told,
    }),
  });
}
