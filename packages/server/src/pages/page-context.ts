import type { IdSource } from "@carabiner/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { RateLimits } from "../api/rate-limits.ts";
import type { Clock } from "../clock/clock.ts";
import type { recordEvents } from "../events/record-event.ts";
import type { Limits } from "../limits.ts";
import type { ChangeContext, Settings } from "../operations/operation.ts";
import type { Transaction } from "../store/contract/transaction.ts";
import type { Store } from "../store/store.ts";

/** The context of pages. */
export interface PageContext {
  store: Store;
  clock: Clock;
  ids: IdSource;
  limits: Limits;
  settings: Settings;
  /** The key for signing what browsers receive: `pageSecret`. */
  secret: string;
  /** The client's address; null when its connection is closed. */
  clientAddress(request: FastifyRequest): string | null;
  /** Pages and `/oauth/token` also accept keys. */
  rates: RateLimits;
  /** The only way to record events: `events/record-event`. */
  recordEvents: typeof recordEvents;
}

/** A page, or a call by a page or an OAuth client. */
export interface PageRoute {
  method: "GET" | "POST";
  /** Fastify's pattern. */
  path: string;
  /**
   * Called by platforms' servers with a key, never by browsers, because a browser would send its cookie with any link.
   */
  byServers?: true;
  handle(context: PageContext, request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
}

/** The context of a change that a page causes, in one transaction. */
export function changeContext(context: PageContext, tx: Transaction, livemode: boolean, requestId: string): ChangeContext {
  const { clock, ids, limits, settings, recordEvents } = context;
  const now = clock.now();
  const recording = { now, ids, request: { id: requestId, idempotencyKey: null } };
  return { tx, now, livemode, ids, limits, settings, record: (drafts) => recordEvents(tx, drafts, recording) };
}
