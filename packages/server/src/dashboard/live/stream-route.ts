import { ApiError, apiError, HEADERS } from "@carabiner/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Authentication, authenticate, credentialOf, turnOf } from "../../api/authenticate.ts";
import type { SessionCredential } from "../../api/session-credential.ts";
import { type Store, StoreUnavailable } from "../../store/store.ts";
import { type SessionRules, sessionIn, sessionOf } from "../session-of.ts";
import type { LiveStream, LiveStreams } from "./live-streams.ts";
import { type LiveChanges, missedSince, type Watched } from "./look.ts";

export interface StreamRouteOptions extends SessionRules {
  store: Store;
  streams: LiveStreams;
  onBug(error: unknown): void;
}

/** The path of the stream. */
const PATH = "/console/stream";

/** The route, for the document of all routes. */
export const STREAM_ROUTES = [{ method: "GET", path: PATH }] as const;

/** What a stream shows: a restricted key must be allowed to read all of it. */
const SHOWN = ["/console/events", "/console/deliveries", "/console/webhook_endpoints", "/console/requests"] as const;

/**
 * Adds the stream of what happens, as server-sent events. A page that lost its connection reconnects with the id of the
 * last message, and receives what it has missed. Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function addStreamRoute(app: FastifyInstance, options: StreamRouteOptions): void {
  app.addHook("preClose", (done) => {
    options.streams.close();
    done();
  });
  app.get(PATH, (request, reply) => stream(options, request, reply));
}

async function stream(options: StreamRouteOptions, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { clock, limits, streams } = options;
  const { who, turn } = await senderOf(options, request);
  const last = lastSeen(request);
  const { raw } = reply;
  const waiting: LiveChanges[] = [];
  let begun = false;
  let over = false;
  let saidAt = clock.wallNow();
  let checkedAt = saidAt;
  const write = (text: string) => {
    saidAt = clock.wallNow();
    raw.write(text);
  };
  const opened = streams.open(who, {
    tell(changes, at) {
      if (!begun) {
        if (Object.keys(changes).length > 0) waiting.splice(0, waiting.length, RELOAD);
        return;
      }
      const now = clock.wallNow();
      // A browser that reads slowly gets nothing more until it has caught up: then it loads its lists again.
      if (raw.writableLength > limits.liveBufferBytes) waiting.splice(0, waiting.length, RELOAD);
      else {
        const news = merged(waiting.splice(0), changes);
        if (news !== null) write(`event: changes\nid: ${at}\ndata: ${JSON.stringify(news)}\n\n`);
        // A message instead of a comment: browsers hide comments from pages, so a page could not distinguish silence
        // from a dead connection.
        else if (now - saidAt >= limits.liveHeartbeatMs) write("event: alive\ndata: {}\n\n");
      }
      if (now - checkedAt < limits.liveCheckedMs) return;
      checkedAt = now;
      void senderOf(options, request).catch((error: unknown) => {
        // Checks again whether it has ended when the store is back.
        if (over || error instanceof StoreUnavailable) return;
        if (!(error instanceof ApiError)) {
          options.onBug(error);
          return;
        }
        write("event: ended\ndata: {}\n\n");
        end();
      });
    },
    end: () => end(),
  });
  const end = () => {
    over = true;
    opened.close();
    if (begun) raw.end();
  };
  raw.once("close", end);
  const missed = await missedBy({ ...options, opened, turn }, who, last);
  if (over) throw apiError("server_stopping");
  reply.hijack();
  raw.writeHead(200, {
    [HEADERS.requestId]: request.id,
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  });
  begun = true;
  write(
    `retry: ${limits.liveRetryMs}\nevent: hello\nid: ${Math.floor(clock.now())}\ndata: ${JSON.stringify({ ...missed, heartbeat_ms: limits.liveHeartbeatMs })}\n\n`,
  );
}

/**
 * What a browser that reconnects has missed; null for a browser that connects for the first time. This is read after
 * the stream's first look, which reports everything that follows, so nothing is lost in between.
 */
async function missedBy(
  { store, limits, opened, turn }: Pick<StreamRouteOptions, "store" | "limits"> & { opened: LiveStream; turn: string },
  who: Watched,
  since: number | null,
): Promise<LiveChanges | null> {
  await opened.looked;
  if (since === null) return null;
  try {
    return await store.read((reads) => missedSince(reads, { who, since, limits }), turn);
  } catch (error) {
    opened.close();
    throw error;
  }
}

const RELOAD: LiveChanges = { reload: ["events", "deliveries", "endpoints", "requests"] };

/** The `LiveChanges` to report; null when there are none. */
function merged(earlier: readonly LiveChanges[], changes: LiveChanges): LiveChanges | null {
  const reload = [...new Set([...earlier.flatMap((each) => each.reload ?? []), ...(changes.reload ?? [])])];
  const all = { ...changes, ...(reload.length === 0 ? {} : { reload }) };
  return Object.keys(all).length === 0 ? null : all;
}

/**
 * The account whose stream a request asks for, and the client whose turn it takes. Throws what a call with the same key
 * or session would.
 */
async function senderOf(rules: StreamRouteOptions, request: FastifyRequest): Promise<{ who: Authentication; turn: string }> {
  const credential = credentialOf({ authorization: request.headers.authorization, ...sessionFrom(rules, request) });
  const turn = turnOf(credential);
  const who = await rules.store.read(async (reads) => {
    let sender: Authentication | null = null;
    for (const path of SHOWN)
      sender = await authenticate(reads, {
        key: credential,
        stripeAccount: undefined,
        now: rules.clock.now(),
        call: { method: "GET", path },
      });
    if (sender === null) throw new Error("a stream shows nothing");
    return sender;
  }, turn);
  return { who, turn };
}

/**
 * The session of a stream. A browser's event stream cannot send headers, so the page may name the mode and the platform
 * in the query. Then the browser itself must confirm that the request comes from our page. All browsers that can show
 * the page do so.
 */
function sessionFrom(rules: SessionRules, request: FastifyRequest): { session?: SessionCredential } {
  const asked = new URLSearchParams((request.query as { text?: string }).text ?? "");
  const mode = asked.get("mode");
  const named = sessionOf(rules, request);
  if (named !== null) return { session: named };
  if (mode === null || request.headers["sec-fetch-site"] !== "same-origin") return {};
  const session = sessionIn(rules, request, { mode, platform: asked.get("platform") });
  return session === null ? {} : { session };
}

/** The time up to which a browser that reconnects has received everything. */
function lastSeen({ headers }: FastifyRequest): number | null {
  const { "last-event-id": given } = headers;
  if (given === undefined) return null;
  const time = Number(given);
  if (!Number.isSafeInteger(time) || time < 0) throw apiError("request_malformed", { reason: "Last-Event-ID is not an id of this stream" });
  return time;
}
