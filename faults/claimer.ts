import type { Claim, ClaimToken, Settlement } from "../packages/server/src/store/contract/delivery-store.ts";
import { openStore } from "../packages/server/src/store/open-store.ts";
import { TEST_KEYS } from "../packages/server/test/store/store-fixture.ts";

/**
 * Claims and settles what is due in a database as fast as it can. Now and then it drops what it has claimed, like a
 * process that dies. Started with the URL, the seed and the lease in milliseconds; asked anything, it works until
 * nothing is pending, and answers with every token that it got and how many settlements were accepted.
 */
const [url = "", seedText = "1", leaseText = "1000"] = process.argv.slice(2);
const AT_ONCE = 500;
const DROPPED = 0.05;
let state = Number(seedText);
const random = (): number => {
  // A linear congruential generator: repeatable randomness. Source: Numerical Recipes, chapter 7.
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};

const store = await openStore({ location: url, now: Date.now(), keys: TEST_KEYS });
process.on("message", () => {
  void work().then((found) => process.send?.(found));
});
process.on("disconnect", () => void store.close().then(() => process.exit()));
process.send?.({ ready: true });

async function work(): Promise<{ tokens: ClaimToken[]; settled: number; dropped: number }> {
  const found = { tokens: [] as ClaimToken[], settled: 0, dropped: 0 };
  while ((await store.nextDueAt()) !== null) {
    const now = Date.now();
    const claims = await store.claimDue({
      now,
      leaseMs: Number(leaseText),
      limit: AT_ONCE,
      perEndpoint: AT_ONCE,
      perFailingEndpoint: AT_ONCE,
      rateSpanMs: 1_000,
      busy: new Set(),
    });
    found.tokens.push(...claims.map(({ token }) => token));
    if (random() < DROPPED) {
      found.dropped += claims.length;
      continue;
    }
    const { refused } = await store.settle(
      claims.map((claim) => delivered(claim, now)),
      [],
    );
    found.settled += claims.length - refused.length;
  }
  return found;
}

function delivered({ deliveryId, endpoint, token, attempt }: Claim, now: number): Settlement {
  return {
    deliveryId,
    endpointId: endpoint.id,
    token,
    attempt: {
      deliveryId,
      number: attempt,
      at: now,
      durationMs: 1,
      outcome: "succeeded",
      status: 200,
      reason: "The endpoint answered 200 OK.",
      retryAfterMs: null,
      phases: null,
      requestHeaders: {},
      responseHeaders: {},
      responseBody: "",
    },
    next: { state: "succeeded" },
  };
}
