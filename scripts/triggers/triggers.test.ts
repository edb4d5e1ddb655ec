import { expect, test } from "vitest";
import { startCarabiner } from "../../packages/server/src/index.ts";
import { runTriggers, type TriggerOutcome } from "./run-triggers.ts";
import { triggerOutcomes } from "./trigger-outcomes.ts";

/**
 * The CLI sends parameters in an order of chance, so that one of several wrong ones is named: what is compared is which
 * pass.
 */
const passing = (outcomes: readonly TriggerOutcome[]) => outcomes.map(({ trigger, passes }) => [trigger, passes]);

test("the official CLI's triggers pass or fail as docs/compatibility.md says (npm run triggers writes it down)", {
  timeout: 600_000,
}, async () => {
  const server = await startCarabiner();
  try {
    expect(passing(await runTriggers(server))).toEqual(passing(triggerOutcomes()));
  } finally {
    await server.close();
  }
});
