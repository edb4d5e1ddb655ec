import type { Clock } from "../packages/server/src/clock/clock.ts";
import { createSystemClock } from "../packages/server/src/clock/system-clock.ts";
import { createEngine } from "../packages/server/src/deliveries/engine.ts";
import { LAST_ATTEMPT_MS } from "../packages/server/src/deliveries/policy.ts";
import { DEFAULT_RETRY_POLICY, retryPolicies } from "../packages/server/src/deliveries/retry-policies.ts";
import { DEFAULT_LIMITS } from "../packages/server/src/limits.ts";
import type { Store } from "../packages/server/src/store/store.ts";
import { createHttpTransport } from "../packages/server/src/transport/http-transport.ts";

/** By then every delivery has had its last attempt, or it never will. */
const LONGEST_MS = LAST_ATTEMPT_MS + 24 * 3_600_000;

/**
 * Makes every attempt that is still due, over real connections, with a clock that is turned to the time of the next
 * one. Signatures have the machine's time. Closes the store. Throws when it never ends.
 */
export async function runOut(store: Store): Promise<void> {
  const machine = createSystemClock();
  let aheadMs = 0;
  const clock: Clock = { ...machine, now: () => machine.now() + aheadMs };
  const transport = createHttpTransport({ limits: DEFAULT_LIMITS, allowLocal: true });
  const engine = createEngine({
    store,
    clock,
    transport,
    policies: retryPolicies(DEFAULT_RETRY_POLICY, DEFAULT_LIMITS.attemptDeadlineMs),
    limits: DEFAULT_LIMITS,
    onTrouble: (error) => {
      throw error;
    },
    onBug: (error) => {
      throw error;
    },
  });
  try {
    await store.releaseLeases(clock.now());
    for (let next = await engine.runOnce(); next !== null; next = await engine.runOnce()) {
      if (aheadMs > LONGEST_MS) throw new Error(`after ${LONGEST_MS / 3_600_000} hours something is still owed`);
      aheadMs += Math.max(0, next - clock.now());
    }
  } finally {
    await engine.stop();
    await transport.close();
    await store.close();
  }
}
