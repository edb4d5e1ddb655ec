import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EndpointEventType } from "@carabiner/protocol";
import { expect, expectTypeOf, test } from "vitest";
import type { EndpointChange } from "../store/contract/delivery-store.ts";
import type { EventDraft } from "./event-draft.ts";
import { RECORDED_TYPES, type RecordedType } from "./recorded-types.ts";

test("a misspelt type does not compile, unless it is published by name", () => {
  expectTypeOf<"customer.created">().toExtend<RecordedType>();
  expectTypeOf<"customer.craeted">().not.toExtend<RecordedType>();
  type Content = Omit<Extract<EventDraft, { published: true }>, "type" | "published">;
  expectTypeOf<Content & { type: "customer.craeted" }>().not.toExtend<EventDraft>();
  expectTypeOf<Content & { type: "order.shipped"; published: true }>().toExtend<EventDraft>();
});

test("each of Carabiner's own types reports one kind of change", () => {
  expectTypeOf<`carabiner.webhook_endpoint.${EndpointChange["kind"]}`>().toEqualTypeOf<EndpointEventType>();
});

test("every type in the list is recorded somewhere in the resources", () => {
  const resources = join(import.meta.dirname, "../resources");
  const sources = readdirSync(resources, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
    .map((path) => readFileSync(join(resources, path), "utf8"))
    .join("\n");
  // `person.${type}` means all types with that prefix.
  const open = [...sources.matchAll(/type: `([a-z_.]+\.)\$\{/g)].map(([, start]) => start as string);
  const unrecorded = RECORDED_TYPES.filter((type) => !sources.includes(`"${type}"`) && !open.some((start) => type.startsWith(start)));
  expect(unrecorded).toEqual([]);
});
