import pino from "pino";
import { expect, test } from "vitest";
import { logTrouble } from "./server-log.ts";

test("a store that cannot be reached is logged at once for each reason, and again while it lasts", () => {
  const lines: { code: string; reason: string; msg: string }[] = [];
  const write = (line: string): void => {
    const { code, err, msg } = JSON.parse(line);
    lines.push({ code, reason: err.message, msg });
  };
  let now = 1_000;
  const trouble = logTrouble(pino({}, { write }), { troubleToldMs: 10_000 }, () => now, "deliveries are waiting");
  const gone = new Error("The database cannot be reached.");
  const full = new Error("The disk is full.");
  for (let nth = 0; nth < 40; nth++, now += 250) {
    trouble(gone);
    if (nth === 8) trouble(full);
  }
  expect(lines.map(({ reason }) => reason)).toEqual([gone.message, full.message]);
  trouble(gone);
  expect(lines).toHaveLength(3);
  expect(lines[2]).toEqual({
    code: "store.unavailable",
    reason: gone.message,
    msg: "the store cannot be reached; deliveries are waiting",
  });
});
