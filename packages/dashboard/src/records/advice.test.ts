import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { adviceOn } from "./advice.ts";

test("every outcome that an attempt can have comes with what to do", () => {
  const document = readFileSync(join(import.meta.dirname, "../../../../docs/outcomes.md"), "utf8");
  const outcomes = [...document.matchAll(/^\| `(\w+)`/gm)].map(([, name = ""]) => name);
  expect(outcomes.length).toBeGreaterThan(10);
  const unknown = adviceOn({ outcome: "no such outcome", status: null });
  for (const outcome of outcomes) expect(adviceOn({ outcome, status: outcome === "status" ? 418 : null }), outcome).not.toBe(unknown);
});

test("a status that has a usual cause says which", () => {
  expect(adviceOn({ outcome: "status", status: 405 })).toContain("POST");
  expect(adviceOn({ outcome: "status", status: 400 })).toContain("signature");
});
