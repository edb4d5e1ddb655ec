import { expect, test } from "vitest";
import { createSessionUses } from "./session-uses.ts";

test.each([
  { dashboardIdleMs: 1_800_000, dashboardUseNotedMs: 10_000, noted: [0, 10_000, 20_000] },
  { dashboardIdleMs: 20_000, dashboardUseNotedMs: 60_000, noted: [0, 5_000, 10_000, 15_000, 20_000] },
])("a session that ends after $dashboardIdleMs ms without use does not end while it is used", async ({ noted, ...limits }) => {
  const recorded: number[] = [];
  const noteUse = async (_hash: string, now: number): Promise<void> => void recorded.push(now);
  const uses = createSessionUses({ sessions: { noteUse } }, limits, (error) => {
    throw error;
  });
  for (let now = 0; now <= 20_000; now += 1_000) uses.used("hash", now);
  await uses.close();
  expect(recorded).toEqual(noted);
});
