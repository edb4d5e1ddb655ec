import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe } from "vitest";
import { storeConformance } from "../../../test/store/store-conformance.ts";
import { START, TEST_KEYS } from "../../../test/store/store-fixture.ts";
import type { StoreHarness } from "../../../test/store/store-harness.ts";
import { openStore } from "../open-store.ts";
import type { Store } from "../store.ts";

function inMemory(): StoreHarness {
  let store: Store | null = null;
  return {
    prunesBy: "row",
    async open({ now }) {
      store = await openStore({ location: "memory", now, keys: TEST_KEYS });
      return store;
    },
    reopen: null,
    tamper: null,
    async close() {
      await store?.close();
    },
  };
}

function inFile(): StoreHarness {
  let folder = "";
  let store: Store | null = null;
  const open = async (now: number, keys = TEST_KEYS) => {
    store = await openStore({ location: join(folder, "carabiner.db"), now, keys });
    return store;
  };
  return {
    prunesBy: "row",
    open({ now }) {
      folder = mkdtempSync(join(tmpdir(), "carabiner-store-"));
      return open(now);
    },
    async reopen({ keys = TEST_KEYS } = {}) {
      await store?.close();
      return open(START, keys);
    },
    async tamper(sql) {
      await store?.close();
      const database = new DatabaseSync(join(folder, "carabiner.db"));
      database.exec(sql);
      database.close();
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
