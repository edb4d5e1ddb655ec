import { expect, test } from "vitest";
import { fuzzTransport } from "./fuzz-transport.ts";

/** `npm run fuzz` runs for longer, with other seeds. */
test("no answer of a receiver does more than end its own attempt", { timeout: 60_000 }, async () => {
  const figures = await fuzzTransport({ seed: 1, goOn: (answers) => answers < 4_000 });
  expect(figures.answers).toBeGreaterThanOrEqual(4_000);
  expect(Object.keys(figures.ended).sort()).toEqual(["answer", "connection_reset", "headers_too_large", "invalid_response", "timeout"]);
  expect(figures.connections).toBeLessThan(200);
  expect(figures.grownBytes).toBeLessThan(8_000_000);
});
