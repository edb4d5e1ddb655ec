import fc from "fast-check";
import { expect, test } from "vitest";
import type { Claim, ClaimToken, HotLane, Settlement } from "../../src/store/contract/delivery-store.ts";
import type { EndpointRow } from "../../src/store/contract/rows.ts";
import type { Store } from "../../src/store/store.ts";
import { attemptOf, START, type StoreFixture, settlementOf, storeFixture } from "./store-fixture.ts";
import type { StoreHarness } from "./store-harness.ts";

const ENDPOINTS = 4;
/** Milliseconds. */
const LEASE = 90_000;

type Command =
  | { do: "publish"; endpoint: number; count: number; delayMs: number }
  | { do: "claim"; limit: number; perEndpoint: number; busy: number | null }
  | { do: "settle"; pick: number; outcome: "succeeded" | "exhausted" | "cancelled" | "retry" | "put off"; delayMs: number }
  | { do: "advance"; ms: number }
  | { do: "lane"; room: number }
  | { do: "reopen" };

const count = fc.integer({ min: 1, max: 6 });
const ms = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1000 }), fc.integer({ min: LEASE - 1, max: 2 * LEASE }));
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ do: fc.constant("publish" as const), endpoint: fc.nat(ENDPOINTS - 1), count, delayMs: ms }),
  fc.record({
    do: fc.constant("claim" as const),
    limit: fc.integer({ min: 1, max: 12 }),
    perEndpoint: count,
    busy: fc.option(fc.nat(ENDPOINTS - 1)),
  }),
  fc.record({
    do: fc.constant("settle" as const),
    pick: fc.nat(),
    outcome: fc.constantFrom("succeeded" as const, "exhausted" as const, "cancelled" as const, "retry" as const, "put off" as const),
    delayMs: ms,
  }),
  fc.record({ do: fc.constant("advance" as const), ms }),
  fc.record({ do: fc.constant("lane" as const), room: fc.integer({ min: 0, max: 5 }) }),
  fc.record({ do: fc.constant("reopen" as const) }),
);

/** A delivery as it should be. */
interface Expected {
  endpoint: EndpointRow;
  state: "pending" | "succeeded" | "exhausted" | "cancelled";
  /** When it may be claimed: its due time, or its lease's end. */
  claimableAt: number;
  dueAt: number;
  /** The tokens of its claims, the last one last. */
  tokens: ClaimToken[];
  /** Whether that claim can still be settled for: it was not, and nobody claimed after it. */
  held: boolean;
  attempts: number;
}

/**
 * Whatever is published, claimed, settled and forgotten, in whatever order: nothing is lost, nothing is claimed too
 * early or twice, and a claim takes as much as it may.
 */
export function modelConformance(harness: StoreHarness): void {
  // Sixty databases, each changed up to sixty times: on PostgreSQL that can take longer than other tests may.
  test("a model of it agrees, whatever happens", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 60 }), async (commands) => {
        const store = await harness.open({ now: START });
        try {
          const run = await ModelRun.start(store, harness);
          for (const one of commands) await run.perform(one);
          await run.finish();
        } finally {
          await harness.close();
        }
      }),
      { numRuns: 60 },
    );
  });
}

class ModelRun {
  readonly #harness: StoreHarness;
  readonly #make: StoreFixture;
  readonly #endpoints: EndpointRow[];
  readonly #model = new Map<string, Expected>();
  /** Every claim ever handed out. */
  readonly #claims: Claim[] = [];
  /** Handed over by the hot lane, not yet looked at. */
  readonly #hot: Claim[] = [];
  #store: Store;
  #now = START;
  #room = 0;

  static async start(store: Store, harness: StoreHarness): Promise<ModelRun> {
    const make = storeFixture();
    return new ModelRun(store, harness, make, await make.endpoints(store, ENDPOINTS));
  }

  constructor(store: Store, harness: StoreHarness, make: StoreFixture, endpoints: EndpointRow[]) {
    this.#store = store;
    this.#harness = harness;
    this.#make = make;
    this.#endpoints = endpoints;
    store.attach(this.#lane());
  }

  async perform(command: Command): Promise<void> {
    switch (command.do) {
      case "publish":
        await this.#publish(command.endpoint, command.count, command.delayMs);
        break;
      case "claim":
        await this.#claim(command.limit, command.perEndpoint, command.busy);
        break;
      case "settle":
        await this.#settle(command.pick, command.outcome, command.delayMs);
        break;
      case "advance":
        this.#now += command.ms;
        break;
      case "lane":
        this.#room = command.room;
        break;
      case "reopen":
        await this.#reopen();
        break;
    }
    const next = await this.#store.nextDueAt();
    const first = this.#firstClaimable();
    if (first === null) expect(next).toBeNull();
    // What is due already may be said to be due at any time that has passed.
    else if (first <= this.#now) expect(next).toBeLessThanOrEqual(this.#now);
    else expect(next).toBeLessThanOrEqual(first);
  }

  /**
   * Turns the clock from one due time to the next until all is settled: nothing may be left, and each step must lead
   * on.
   */
  async finish(): Promise<void> {
    this.#room = 0;
    for (let steps = 0; ; steps++) {
      expect(steps).toBeLessThan(2 * this.#model.size + 10);
      const next = await this.#store.nextDueAt();
      if (next === null) break;
      this.#now = Math.max(this.#now, next);
      for (let claims = await this.#claim(100, 100, null); claims.length > 0; claims = await this.#claim(100, 100, null)) {
        const settlements = claims.map((claim) => settlementOf(claim, { state: "succeeded" }, this.#now));
        expect(await this.#store.settle(settlements, [])).toEqual({ refused: [] });
        for (const claim of claims) this.#settled(claim, { state: "succeeded" }, true);
      }
    }
    await this.#store.read(async (reads) => {
      for (const [id, { state, attempts }] of this.#model) {
        expect(await reads.delivery(id)).toMatchObject({ state, attempts });
        expect(state).not.toBe("pending");
        expect((await reads.attempts(id)).map(({ number }) => number)).toEqual(Array.from({ length: attempts }, (_, index) => index + 1));
      }
    });
  }

  async #publish(endpoint: number, count: number, delayMs: number): Promise<void> {
    const row = this.#endpoints[endpoint] as EndpointRow;
    const dueAt = this.#now + delayMs;
    const hot = delayMs === 0 ? Math.min(count, this.#room) : 0;
    const owed = await this.#make.owe(this.#store, row, count, { dueAt, created: this.#now });
    for (const { id } of owed)
      this.#model.set(id, { endpoint: row, state: "pending", claimableAt: dueAt, dueAt, tokens: [], held: false, attempts: 0 });
    const handed = this.#hot.splice(0);
    expect(handed.map(({ deliveryId }) => deliveryId)).toEqual(owed.slice(0, hot).map(({ id }) => id));
    for (const claim of handed) this.#hold(claim);
  }

  async #claim(limit: number, perEndpoint: number, busy: number | null): Promise<Claim[]> {
    const passed = new Set(busy === null ? [] : [(this.#endpoints[busy] as EndpointRow).id]);
    const claims = await this.#store.claimDue({
      now: this.#now,
      leaseMs: LEASE,
      limit,
      perEndpoint,
      perFailingEndpoint: perEndpoint,
      rateSpanMs: LEASE,
      busy: passed,
    });
    let due = 0;
    for (const { id } of this.#endpoints) {
      const owed = [...this.#model.values()].filter(
        (one) => one.endpoint.id === id && one.state === "pending" && one.claimableAt <= this.#now,
      );
      if (!passed.has(id)) due += Math.min(owed.length, perEndpoint);
    }
    expect(claims).toHaveLength(Math.min(limit, due));
    for (const claim of claims) {
      const expected = this.#model.get(claim.deliveryId) as Expected;
      expect(passed).not.toContain(claim.endpoint.id);
      expect(expected.state).toBe("pending");
      expect(expected.claimableAt).toBeLessThanOrEqual(this.#now);
      expect(claim).toMatchObject({
        attempt: expected.attempts + 1,
        dueAt: expected.dueAt,
        leaseUntil: this.#now + LEASE,
        endpoint: { id: expected.endpoint.id },
      });
      this.#hold(claim);
    }
    return claims;
  }

  #hold(claim: Claim): void {
    const expected = this.#model.get(claim.deliveryId) as Expected;
    expect(expected.tokens).not.toContain(claim.token);
    expected.tokens.push(claim.token);
    expected.held = true;
    expected.claimableAt = claim.leaseUntil;
    this.#claims.push(claim);
  }

  /** Settles any claim ever handed out, stale ones too. */
  async #settle(pick: number, outcome: "succeeded" | "exhausted" | "cancelled" | "retry" | "put off", delayMs: number): Promise<void> {
    const claim = this.#claims[pick % Math.max(1, this.#claims.length)];
    if (claim === undefined) return;
    const next: Settlement["next"] =
      outcome === "retry"
        ? { state: "pending", dueAt: this.#now + delayMs }
        : outcome === "put off"
          ? { state: "pending", dueAt: claim.dueAt }
          : { state: outcome };
    const attempted = outcome !== "put off" && outcome !== "cancelled";
    const settlement = { ...settlementOf(claim, next, this.#now), attempt: attempted ? attemptOf(claim, this.#now) : null };
    const expected = this.#model.get(claim.deliveryId) as Expected;
    const current = expected.held && expected.tokens.at(-1) === claim.token;
    expect(await this.#store.settle([settlement], [])).toEqual({ refused: current ? [] : [claim.deliveryId] });
    if (current) this.#settled(claim, next, attempted);
  }

  #settled(claim: Claim, next: Settlement["next"], attempted: boolean): void {
    const expected = this.#model.get(claim.deliveryId) as Expected;
    expected.state = next.state;
    expected.held = false;
    if (attempted) expected.attempts++;
    if (next.state === "pending") {
      expected.dueAt = next.dueAt;
      expected.claimableAt = next.dueAt;
    }
  }

  async #reopen(): Promise<void> {
    if (this.#harness.reopen !== null) {
      this.#store = await this.#harness.reopen();
      this.#store.attach(this.#lane());
    }
    const leased = [...this.#model.values()].filter(
      (one) => one.state === "pending" && one.claimableAt > this.#now && one.claimableAt !== one.dueAt,
    );
    expect(await this.#store.releaseLeases(this.#now)).toMatchObject({ released: leased.length });
    for (const one of leased) one.claimableAt = one.dueAt;
  }

  #lane(): HotLane {
    return {
      reserve: (_endpoint, now) => {
        if (this.#room === 0) return null;
        this.#room--;
        return { leaseUntil: now + LEASE };
      },
      accept: (claims) => this.#hot.push(...claims),
      release: () => expect.unreachable("no transaction failed"),
      due: () => undefined,
      changed: () => undefined,
    };
  }

  #firstClaimable(): number | null {
    const times = [...this.#model.values()].filter(({ state }) => state === "pending").map(({ claimableAt }) => claimableAt);
    return times.length === 0 ? null : Math.min(...times);
  }
}
