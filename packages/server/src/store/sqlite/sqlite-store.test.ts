import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import { openStore } from "../open-store.ts";
import type { Store } from "../store.ts";
import { storeConformance } from "../store-conformance.ts";
import { START } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";

function inMemory(): StoreHarness {
  let store: Store | null = null;
  return {
    prunesBy: "row",
    async open({ now }) {
      store = await openStore({ location: "memory", now });
      return store;
    },
    reopen: null,
    async close() {
      await store?.close();
    },
  };
}

function inFile(): StoreHarness {
  let folder = "";
  let store: Store | null = null;
  const open = async (now: number) => {
    store = await openStore({ location: join(folder, "carabiner.db"), now });
    return store;
  };
  return {
    prunesBy: "row",
    open({ now }) {
      folder = mkdtempSync(join(tmpdir(), "carabiner-store-"));
      return open(now);
    },
    async reopen() {
      await store?.close();
      return open(START);
    },
    async close() {
      await store?.close();
      rmSync(folder, { recursive: true });
    },
  };
}

describe("in memory", () => storeConformance(inMemory()));
describe("in a file", () => storeConformance(inFile()));
