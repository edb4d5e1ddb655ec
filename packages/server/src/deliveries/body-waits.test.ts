import { expect, test } from "vitest";
import { BodyWaits } from "./body-waits.ts";

test("bodies are awaited up to a number of each endpoint and of all, and each that ends makes room", () => {
  const waits = new BodyWaits({ responseBodies: 3, responseBodiesPerEndpoint: 2 });
  const begun = (...endpoints: string[]) => endpoints.map((endpoint) => waits.begin(endpoint));
  expect(begun("we_1", "we_1", "we_1")).toEqual([true, true, false]);
  expect(begun("we_2", "we_3")).toEqual([true, false]);
  waits.end("we_2");
  expect(begun("we_1", "we_3")).toEqual([false, true]);
  waits.end("we_1");
  expect([begun("we_1"), waits.size]).toEqual([[true], 3]);
  expect(() => waits.end("we_2")).toThrow("No body of we_2 is awaited");
});
