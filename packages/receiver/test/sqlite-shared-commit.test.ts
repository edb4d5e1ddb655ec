import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Attempt, type Claim, type Inbox, InboxUnavailable } from "../src/inbox/inbox.ts";
import { arrivalOf, DONE, inboxEvent, LEASE_MS, START, workFor } from "../src/inbox-contract/inbox-fixture.ts";
import { sqliteHarness } from "./inbox-harnesses.ts";

// Tries that have the transaction one after another, within one turn of the event loop, share its commit.

const harness = sqliteHarness();
let inbox: Inbox<DatabaseSync>;
beforeEach(async () => {
  inbox = await harness.open();
});
afterEach(async () => {
  Object.defineProperty(DatabaseSync.prototype, "setAuthorizer", authorizer);
  await harness.close();
});
const authorizer = Object.getOwnPropertyDescriptor(DatabaseSync.prototype, "setAuthorizer") as PropertyDescriptor;

async function leased(handler: string): Promise<Claim> {
  const event = inboxEvent();
  const stored = await inbox.store(arrivalOf(event, [workFor(event, handler)], { lease: { now: START, leaseUntil: START + LEASE_MS } }));
  const [claim] = stored.outcome === "stored" ? stored.claims : [];
  if (claim === undefined) throw new Error(stored.outcome);
  return claim;
}

async function begun(claim: Claim): Promise<Attempt<DatabaseSync>> {
  const attempt = await inbox.begin(claim);
  if (attempt === null) throw new Error("the claim was lost");
  return attempt;
}

function write({ tx }: Attempt<DatabaseSync>, name: string): void {
  tx.prepare("INSERT INTO effects (name) VALUES (?)").run(name);
}

/** Claims of a handler whose last try wrote and returned at once. */
async function claimsOfQuick(count: number): Promise<Claim[]> {
  const first = await leased("quick");
  const claims: Claim[] = [];
  for (let n = 0; n < count; n++) claims.push(await leased("quick"));
  const attempt = await begun(first);
  write(attempt, "before");
  expect(await attempt.commit(DONE)).toBe(true);
  return claims;
}

/** Notes the outcome of a commit, without waiting for it. */
function outcomeOf(commit: ReturnType<Attempt<DatabaseSync>["commit"]>): { now: unknown; later: Promise<unknown> } {
  const outcome: { now: unknown; later: Promise<unknown> } = { now: "waits", later: Promise.resolve() };
  outcome.later = Promise.resolve(commit).then(
    (kept) => (outcome.now = kept),
    (error: unknown) => (outcome.now = error),
  );
  return outcome;
}

test("one commit keeps all of them, and each is told once it is on disk", async () => {
  const [one, other] = (await claimsOfQuick(2)) as [Claim, Claim];
  const first = await begun(one);
  write(first, "one");
  const kept = outcomeOf(first.commit(DONE));
  const second = await begun(other);
  write(second, "other");
  expect(kept.now).toBe("waits");
  expect(await harness.effects?.()).toEqual(["before"]);
  expect(await second.commit(DONE)).toBe(true);
  expect(kept.now).toBe(true);
  expect(await harness.effects?.()).toEqual(["before", "one", "other"]);
});

test("one that fails undoes what it wrote itself, and nothing else", async () => {
  const [one, wrong, last] = (await claimsOfQuick(3)) as [Claim, Claim, Claim];
  const first = await begun(one);
  write(first, "one");
  const kept = outcomeOf(first.commit(DONE));
  const failing = await begun(wrong);
  write(failing, "wrong");
  await failing.rollback();
  const third = await begun(last);
  write(third, "last");
  expect(kept.now).toBe("waits");
  expect(await third.commit(DONE)).toBe(true);
  expect(kept.now).toBe(true);
  expect(await harness.effects?.()).toEqual(["before", "one", "last"]);
  expect(await inbox.settle(wrong, DONE)).toBe(true);
});

test("one that is lost keeps nothing, and those beside it are kept", async () => {
  const [one, other] = (await claimsOfQuick(2)) as [Claim, Claim];
  const first = await begun(one);
  write(first, "one");
  const kept = outcomeOf(first.commit(DONE));
  const second = await begun(other);
  write(second, "other");
  // As if another process had taken it over.
  second.tx.prepare("UPDATE carabiner_work SET fence = fence + 1 WHERE event = ?").run(other.number);
  expect(await second.commit(DONE)).toBe(false);
  await kept.later;
  expect(kept.now).toBe(true);
  expect(await harness.effects?.()).toEqual(["before", "one"]);
});

test.each([
  ["COMMIT", ["before", "one", "rogue"], false],
  ["ROLLBACK", ["before"], true],
  ["ROLLBACK; BEGIN", ["before"], true],
])(
  "a handler that ends the transaction with %s fails, and the claims beside it tell what became of them",
  async (ends, effects, stillHeld) => {
    // With an authorizer, as Node.js has it since 24.10, it would be refused.
    Reflect.deleteProperty(DatabaseSync.prototype, "setAuthorizer");
    const [one, rogue] = (await claimsOfQuick(2)) as [Claim, Claim];
    const first = await begun(one);
    write(first, "one");
    const kept = outcomeOf(first.commit(DONE));
    const second = await begun(rogue);
    write(second, "rogue");
    // At its beginning it would be refused.
    second.tx.exec(`SELECT 1; ${ends}`);
    await expect((async () => second.commit(DONE))()).rejects.toThrow();
    await kept.later;
    expect(kept.now).toBeInstanceOf(InboxUnavailable);
    expect(await harness.effects?.()).toEqual(effects);
    expect(await inbox.settle(one, DONE)).toBe(stillHeld);
    expect(await inbox.settle(rogue, DONE)).toBe(true);
  },
);

test("a handler that was never seen to be quick waits for the commit before it, and delays none", async () => {
  const slow = await leased("slow");
  const [one] = (await claimsOfQuick(1)) as [Claim];
  const first = await begun(one);
  write(first, "one");
  const kept = outcomeOf(first.commit(DONE));
  const second = await begun(slow);
  write(second, "slow");
  await kept.later;
  expect(kept.now).toBe(true);
  expect(await harness.effects?.()).toEqual(["before", "one"]);
  await second.rollback();
});

test("where one was quick and no longer is, the others are kept as soon as it returns, and its next try shares none", async () => {
  const [one, other, next] = (await claimsOfQuick(3)) as [Claim, Claim, Claim];
  const first = await begun(one);
  write(first, "one");
  const kept = outcomeOf(first.commit(DONE));
  const second = await begun(other);
  write(second, "other");
  for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve));
  expect(kept.now).toBe("waits");
  expect(await second.commit(DONE)).toBe(true);
  expect(kept.now).toBe(true);
  const third = await begun(next);
  expect(third.untouched).toBe(true);
  await third.rollback();
});
