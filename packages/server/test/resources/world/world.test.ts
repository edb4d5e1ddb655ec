import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { type Action, type Known, stories } from "./actions.ts";
import { expectAgreement } from "./agreement.ts";
import { all, type Caller, caller, type Shown, type Snapshot, snapshotOf, type ToldEvent } from "./snapshot.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

/** The arrows a payout's status goes along. Source: https://docs.stripe.com/api/payouts/object */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  pending: ["in_transit", "paid", "failed", "canceled"],
  in_transit: ["paid", "failed"],
  paid: ["failed"],
  failed: [],
  canceled: [],
};

/** One world that a story happens in, watched after each of its steps. */
class WatchedWorld {
  readonly #call: Caller;
  readonly #known: Known;
  readonly #seen = new Map<string, { snapshot: Snapshot; lastEvent: string | undefined }>();

  constructor(call: Caller, platform: string) {
    this.#call = call;
    this.#known = {
      platform,
      accounts: [],
      persons: new Map(),
      banks: new Map(),
      payouts: new Map(),
      charges: new Map(),
      customers: new Map(),
      methods: new Map(),
    };
  }

  async step(action: Action): Promise<void> {
    const accountsBefore = this.#known.accounts.length;
    let status: number | null = 200;
    if (action.turns !== undefined) await server.clock.advance({ seconds: action.turns });
    else if (action.run !== undefined) status = await action.run(this.#call, this.#known);
    expect(status ?? 200, action.says).toBeLessThan(500);
    for (const account of [this.#known.platform, ...this.#known.accounts]) {
      const changes = await this.#look(account);
      // A payment that is declined is refused, and leaves its trace: the intent and the failed charge.
      if (status !== null && status >= 400 && status !== 402 && !action.says.startsWith("charge on the platform"))
        expect(changes, `${action.says} was refused with ${status}`).toEqual([]);
    }
    if (status !== null && status >= 400) expect(this.#known.accounts).toHaveLength(accountsBefore);
  }

  /**
   * Compares what an account shows with what it showed before, and the events between. Returns the types of those
   * events.
   */
  async #look(account: string): Promise<string[]> {
    const platform = account === this.#known.platform;
    const acting = platform ? undefined : account;
    const before = this.#seen.get(account);
    const snapshot = await snapshotOf(this.#call, account, platform);
    const events = await this.#eventsSince(before?.lastEvent, acting);
    const lastEvent = events.at(-1)?.id ?? before?.lastEvent;
    this.#seen.set(account, { snapshot, lastEvent });
    expectSound(snapshot, before?.snapshot);
    // The first look is at an account that is new: what it was born with is not told of again.
    if (before !== undefined)
      expectAgreement(before.snapshot, snapshot, events, untoldPersons(snapshot, before.snapshot, this.#known, account));
    return before === undefined ? [] : events.map(({ type }) => type);
  }

  /** Events after the one seen last, the oldest first. When that one is no longer kept, all that are kept are newer. */
  async #eventsSince(last: string | undefined, account: string | undefined): Promise<ToldEvent[]> {
    const events: ToldEvent[] = [];
    for (let cursor = last; cursor !== undefined; ) {
      const { status, body } = await this.#call("GET", `/v1/events?limit=100&ending_before=${cursor}`, undefined, account);
      if (status === 400) break;
      const page = (body.data as ToldEvent[]).reverse();
      events.push(...page);
      if (body.has_more !== true) return events;
      cursor = page.at(-1)?.id;
    }
    return ((await all(this.#call, "/v1/events", account)) as unknown as ToldEvent[]).reverse();
  }
}

/** People whom the Persons API has never written have no events of their own. */
function untoldPersons(after: Snapshot, before: Snapshot, known: Known, account: string): Set<string> {
  const told = new Set(known.persons.get(account));
  const persons = [...before.values(), ...after.values()].filter(({ object }) => object === "person").map(({ id }) => String(id));
  return new Set(persons.filter((id) => !told.has(id)));
}

/** What holds of every object at any time. */
function expectSound(snapshot: Snapshot, before: Snapshot | undefined): void {
  for (const [id, shown] of snapshot) {
    const { requirements, future_requirements } = shown as Record<string, Requirements | undefined>;
    for (const lists of [requirements, future_requirements]) if (lists !== undefined && lists !== null) expectSubsets(lists, shown.object);
    if (shown.object !== "payout") continue;
    const was = before?.get(id)?.status as string | undefined;
    const is = String(shown.status);
    // Several arrows may lie between two looks.
    if (was !== undefined && was !== is) expect(reachable(was), `payout ${was} → ${is}`).toContain(is);
  }
}

interface Requirements {
  currently_due?: string[];
  eventually_due?: string[];
  past_due?: string[];
}

function expectSubsets({ currently_due = [], eventually_due, past_due = [] }: Requirements, of: string): void {
  if (eventually_due !== undefined) expect(eventually_due, `currently due of ${of}`).toEqual(expect.arrayContaining(currently_due));
  expect(currently_due, `past due of ${of}`).toEqual(expect.arrayContaining(past_due));
}

function reachable(from: string): Set<string> {
  const reached = new Set<string>();
  const go = (status: string): void => {
    for (const next of ARROWS[status] ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      go(next);
    }
  };
  go(from);
  return reached;
}

/** What each account has available and pending is what its balance transactions add up to. */
async function expectBalanced(call: Caller, account: string | undefined, now: number): Promise<void> {
  const { body: balance } = await call("GET", "/v1/balance", undefined, account);
  const transactions = await all(call, "/v1/balance_transactions", account);
  const sums = { available: new Map<string, number>(), pending: new Map<string, number>() };
  for (const { net, currency, available_on, status } of transactions as readonly Shown[]) {
    const part = Number(available_on) * 1_000 <= now ? sums.available : sums.pending;
    expect(status).toBe(part === sums.available ? "available" : "pending");
    part.set(String(currency), (part.get(String(currency)) ?? 0) + Number(net));
  }
  for (const part of ["available", "pending"] as const) {
    for (const { amount, currency } of balance[part] as { amount: number; currency: string }[]) {
      expect(amount, `${part} ${currency}`).toBe(sums[part].get(currency) ?? 0);
      sums[part].delete(currency);
    }
    for (const [currency, left] of sums[part]) expect(left, `${part} ${currency}, which the balance does not show`).toBe(0);
  }
}

describe("a world in which anything may happen", () => {
  test("changes as its events tell and not otherwise, moves along its arrows, and its balances add up", { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(stories, async (story) => {
        const { body } = await caller(server, server.keys.test.secret)("POST", "/v1/test_helpers/platforms", {});
        const key = (body.keys as { test: { secret: string } }).test.secret;
        const call = caller(server, key);
        const platform = String(body.account);
        const world = new WatchedWorld(call, platform);
        for (const action of story) await world.step(action);
        const accounts = (await all(call, "/v1/accounts")).map(({ id }) => String(id));
        for (const account of [undefined, ...accounts]) await expectBalanced(call, account, server.clock.now());
      }),
      { numRuns: 25, endOnFailure: false },
    );
  });
});
