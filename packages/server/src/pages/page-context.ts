import type { IdSource } from "@carabiner/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { RateLimits } from "../api/rate-limits.ts";
import type { Clock } from "../clock/clock.ts";
import type { recordEvents } from "../events/record-event.ts";
import type { Limits } from "../limits.ts";
import type { ChangeContext, Settings } from "../operations/operation.ts";
import type { Transaction } from "../store/contract/transaction.ts";
import type { Store } from "../store/store.ts";

/** What pages work with. */
export interface PageContext {
  store: Store;
  clock: Clock;
  ids: IdSource;
  limits: Limits;
  settings: Settings;
  /** What is given to browsers is signed with it: `pageSecret`. */
  secret: string;
  /** The address a request came from; null when its connection has gone. */
  clientAddress(request: FastifyRequest): string | null;
  /** Keys are given on pages too, and to `/oauth/token`. */
  rates: RateLimits;
  /** The one door for events: `events/record-event`. */
  recordEvents: typeof recordEvents;
}

/** A page, or something a page or an OAuth client calls. */
export interface PageRoute {
  method: "GET" | "POST";
  /** Fastify's form. */
  path: string;
  /** Called by servers of platforms, with a key, and not from a browser, whose cookie goes with whatever leads it here. */
  byServers?: true;
  handle(context: PageContext, request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
}

/** What a change of the world works with when a page causes it, in one transaction. */
export function changeContext(context: PageContext, tx: Transaction, livemode: boolean, requestId: string): ChangeContext {
  const { clock, ids, limits, settings, recordEvents } = context;
  const now = clock.now();
  const recording = { now, ids, request: { id: requestId, idempotencyKey: null } };
  return { tx, now, livemode, ids, limits, settings, record: (drafts) => recordEvents(tx, drafts, recording) };
}
