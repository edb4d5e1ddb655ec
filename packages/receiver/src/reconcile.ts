import type { Clock } from "./clock.ts";
import type { EndpointTable } from "./endpoints.ts";
import { isThin, matches } from "./event-pattern.ts";
import { type Fresh, optionsFor } from "./fetch-fresh.ts";
import type { Intake } from "./intake.ts";
import type { Reconciled, ReconcileOptions } from "./receiver.ts";
import type { StripeClient } from "./stripe-client.ts";
import { readEvent } from "./verify/read-event.ts";

const DAY_MS = 86_400_000;
/** How many days back the API lists events. */
const LISTED_DAYS = 30;
/** The number of objects in a page: the API's maximum. */
const PAGE_SIZE = 100;

export interface ReconcilingParts {
  endpoints: EndpointTable;
  intake: Intake;
  fresh: Fresh<StripeClient>;
  livemode: boolean | "both";
  clock: Clock;
  /** The types and families of events that a lane's endpoint must subscribe to. */
  types(lane: string): readonly string[];
  /** How long the inbox remembers the events that it has handled. */
  retentionMs: number;
}

interface Listed {
  id: string;
  [field: string]: unknown;
}

/**
 * Lists events that the API reports as undelivered, and takes them in as if they had arrived. Workers run their
 * handlers. The API does not say whether thin events were delivered. So all thin events that a lane handles are taken
 * in; the inbox recognises those that it already has, as far back as it keeps them.
 */
export async function reconcile({ sinceMs, accounts, lanes }: ReconcileOptions, parts: ReconcilingParts): Promise<Reconciled> {
  if (!(sinceMs > 0) || sinceMs > LISTED_DAYS * DAY_MS)
    throw new RangeError(
      `sinceMs is ${sinceMs}: it must be above 0 and at most ${LISTED_DAYS} days, because the API lists no older events.`,
    );
  const platformLane = laneFor(false, lanes?.platform, parts.endpoints);
  const connectLane = laneFor(true, lanes?.connect, parts.endpoints);
  const now = parts.clock.now();
  const since = Math.floor((now - sinceMs) / 1_000);
  const knownSince = new Date(now - Math.min(sinceMs, parts.retentionMs)).toISOString();
  const found: Reconciled = { seen: 0, added: 0, failed: [] };

  async function take(event: Listed, lane: string): Promise<void> {
    found.seen++;
    const read = readEvent(new TextEncoder().encode(JSON.stringify(event, null, 2)));
    if (!read.ok) throw new Error(`${event.id} is not an event: ${read.says}`);
    const taken = await parts.intake.take(read.event, [lane], null, false);
    if (!taken.ok) throw new Error(taken.says);
    if (taken.outcome !== "duplicate" && taken.outcome !== "wrong_mode") found.added++;
  }

  async function feed(account: string | null, livemode: boolean, lane: string): Promise<void> {
    try {
      const heard = parts.types(lane);
      const query = `created[gte]=${since}&delivery_success=false`;
      if (heard.length === 0 || !heard.every(isThin))
        // Events listed for an account do not name it.
        for await (const listed of pages(`/v1/events?${query}`, livemode, account, parts.fresh))
          await take(account === null ? listed : { ...listed, account }, lane);
      const thin = heard.filter(isThin);
      if (thin.length === 0) return;
      const path = `/v2/core/events?created[gte]=${encodeURIComponent(knownSince)}&limit=${PAGE_SIZE}`;
      for await (const listed of v2Pages(path, livemode, account, parts.fresh))
        if (thin.some((pattern) => matches(pattern, String(listed.type))))
          await take(account === null ? listed : { ...listed, context: listed.context ?? account }, lane);
    } catch (error) {
      found.failed.push({ account, livemode, error });
    }
  }

  for (const livemode of parts.livemode === "both" ? [true, false] : [parts.livemode]) {
    parts.fresh.client(livemode);
    if (platformLane !== null) await feed(null, livemode, platformLane);
    if (connectLane === null) continue;
    try {
      for await (const account of accounts ?? everyAccount(livemode, parts.fresh)) await feed(account, livemode, connectLane);
    } catch (error) {
      found.failed.push({ account: null, livemode, error });
    }
  }
  return found;
}

async function* everyAccount(livemode: boolean, fresh: Fresh<StripeClient>): AsyncGenerator<string> {
  for await (const { id } of pages("/v1/accounts?", livemode, null, fresh)) yield id;
}

/** The rows of a list, page by page. */
async function* pages(path: string, livemode: boolean, account: string | null, fresh: Fresh<StripeClient>): AsyncGenerator<Listed> {
  let after = "";
  for (;;) {
    const joint = path.endsWith("?") ? "" : "&";
    const page = (await fresh.get(`${path}${joint}limit=${PAGE_SIZE}${after}`, livemode, optionsFor(account))) as {
      data: Listed[];
      has_more: boolean;
    };
    yield* page.data;
    const last = page.data.at(-1);
    if (!page.has_more || last === undefined) return;
    after = `&starting_after=${encodeURIComponent(last.id)}`;
  }
}

/** The rows of a list of the v2 API, page by page. */
async function* v2Pages(first: string, livemode: boolean, account: string | null, fresh: Fresh<StripeClient>): AsyncGenerator<Listed> {
  for (let path: string | null = first; path !== null; ) {
    const page = (await fresh.get(path, livemode, account === null ? {} : { stripeContext: account })) as {
      data: Listed[];
      next_page_url: string | null;
    };
    yield* page.data;
    path = page.next_page_url ?? null;
  }
}

function laneFor(connect: boolean, chosen: string | undefined, endpoints: EndpointTable): string | null {
  const fitting = endpoints.names.filter((name) => endpoints.get(name).connect === connect);
  if (chosen !== undefined) {
    if (fitting.includes(chosen)) return chosen;
    throw new Error(`"${chosen}" is not ${connect ? "a Connect endpoint" : "an endpoint for the platform's own events"}.`);
  }
  if (fitting.length > 1) {
    const name = connect ? "connect" : "platform";
    throw new Error(`Several lanes fit (${fitting.join(", ")}): choose one, reconcile({ lanes: { ${name}: "…" } }).`);
  }
  return fitting[0] ?? null;
}
