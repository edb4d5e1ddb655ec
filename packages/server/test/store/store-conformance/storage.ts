import { describe, expect, test } from "vitest";
import type { StoreHarness } from "../store-harness.ts";
import { OpenedStore } from "./opened-store.ts";

/** What a store reports about its use of space. */
export function storageConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);

  describe("the storage", () => {
    test("has a size, which grows with what is kept, and a version", async () => {
      const before = await on.store.read((reads) => reads.storage());
      expect(before.bytes).toBeGreaterThan(0);
      expect(before.schema).toBeGreaterThan(1);
      expect(before.version).toMatch(/^\d+\.\d+/);
      expect(before.settings).toMatchObject(
        before.engine === "sqlite" ? { synchronous: "full" } : { synchronous_commit: "on", fsync: expect.stringMatching(/^o(n|ff)$/) },
      );
      const endpoint = await on.oneEndpoint();
      await on.make.owe(on.store, endpoint, 2_000);
      const after = await on.store.read((reads) => reads.storage());
      expect(after.bytes).toBeGreaterThan(before.bytes);
      if (after.tables === null) return;
      const sizes = after.tables.map(({ bytes }) => bytes);
      expect(after.tables.map(({ name }) => name)).toEqual(expect.arrayContaining(["deliveries", "events", "attempts", "endpoints"]));
      expect(sizes).toEqual(sizes.toSorted((one, other) => other - one));
    });
  });
}
