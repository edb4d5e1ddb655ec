import { expect, test } from "vitest";
import type { HeldUp } from "../../store.ts";
import { postgresFailure } from "./postgres-failure.ts";
import { repeatSteps } from "./repeat-steps.ts";

const failing = (code: string) => postgresFailure(Object.assign(new Error("as this test wants it"), { code, severity: "ERROR" }));
const [LOCKED, CANCELED, UNKNOWN_COLUMN] = [failing("55P03"), failing("57014"), failing("42703")];

/** Takes steps that end like this, and repeats the last one. Returns the result. */
async function taking(...ends: ({ gone: number | null } | null | unknown)[]) {
  const told: HeldUp[] = [];
  let steps = 0;
  const step = async () => {
    const end = ends[Math.min(steps++, ends.length - 1)];
    if (end instanceof Error) throw end;
    return end as { gone: number | null } | null;
  };
  const gone = await repeatSteps(step, (why) => told.push(why));
  return { gone, steps, told };
}

test("steps are taken until something was deleted, or none is left", async () => {
  expect(await taking({ gone: null }, { gone: 7 })).toEqual({ gone: 7, steps: 2, told: [] });
  expect(await taking({ gone: null }, null)).toEqual({ gone: 0, steps: 2, told: [] });
});

test("locks of others are waited for a few times, and reported if they stay", async () => {
  expect(await taking(LOCKED, LOCKED, { gone: 7 })).toEqual({ gone: 7, steps: 3, told: [] });
  expect(await taking(LOCKED)).toEqual({ gone: 0, steps: 5, told: ["locks"] });
});

test("pending deliveries that are too many to check are reported at once", async () => {
  expect(await taking(CANCELED)).toEqual({ gone: 0, steps: 1, told: ["pending"] });
});

test("any other failure is thrown", async () => {
  await expect(taking(UNKNOWN_COLUMN)).rejects.toBe(UNKNOWN_COLUMN);
});
