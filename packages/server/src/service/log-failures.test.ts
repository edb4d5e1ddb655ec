import pino from "pino";
import { expect, test } from "vitest";
import type { Settlement } from "../store/contract/delivery-store.ts";
import type { AttemptActivity } from "./activity.ts";
import { failuresLogger } from "./log-failures.ts";

const failed = { attempt: { outcome: "timeout" } } as Settlement;
const activity = { kind: "attempt", delivery: "dlv_1", outcome: "timeout", state: "pending", nextAttemptAt: 0 } as AttemptActivity;

test("a limited number of lines a minute is admitted, and the next one says how many were left out before it", () => {
  const lines: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  let now = 0;
  const logger = failuresLogger(log, { failuresLoggedPerMinute: 2 }, () => now);
  const offer = () => {
    if (logger.wants(failed)) logger.tell(activity);
  };
  for (let n = 0; n < 5; n++) offer();
  expect(lines).toHaveLength(2);
  logger.tell({ kind: "omitted", count: 4 });
  now = 30_000;
  offer();
  offer();
  expect(lines).toHaveLength(3);
  expect(lines[2]).toMatchObject({ msg: "an attempt failed", delivery: "dlv_1", notLogged: 7, nextAttemptAt: "1970-01-01T00:00:00.000Z" });
});

test("attempts that succeed are not looked at, and with 0 a minute nothing is logged", () => {
  const log = pino({ level: "silent" });
  expect(failuresLogger(log, { failuresLoggedPerMinute: 2 }, () => 0).wants({ attempt: { outcome: "succeeded" } } as Settlement)).toBe(
    false,
  );
  expect(failuresLogger(log, { failuresLoggedPerMinute: 0 }, () => 0).wants(failed)).toBe(false);
});
