import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CLI, programForTests } from "../../../scripts/program-for-tests.ts";
import { createTestDatabase, type TestDatabase } from "../../../scripts/test-database.ts";
import { countSecrets, createKeyFile, createPlatform, rotateSecrets, type StoreLocation } from "../src/index.ts";
import { addKey, keysOfFile } from "../src/key-file.ts";
import { locationOf } from "../src/secret-keys.ts";
import type { IdempotentAnswer } from "../src/store/contract/rows.ts";
import { openStore } from "../src/store/open-store.ts";
import type { Store } from "../src/store/store.ts";
import { START } from "./store/store-fixture.ts";

/** More than two commits reseal. */
const ANSWERS = 1_100;
/** So many that a rotation takes its time. */
const MANY = 20_000;

let folder: string;
let keyFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-rotate-"));
  keyFile = join(folder, "secrets.key");
});
afterEach(() => rmSync(folder, { recursive: true }));

const idsInFile = () => (JSON.parse(readFileSync(keyFile, "utf8")) as { keys: { id: string }[] }).keys.map(({ id }) => id);

const answer = (n: number): IdempotentAnswer => ({
  scope: "acct_1/acct_1/test",
  key: `key ${n}`,
  fingerprint: "f",
  status: 200,
  body: `{"secret":"whsec_${n}"}`,
  requestId: "req_1",
  about: null,
  created: START,
});

/** What must hold of each store, wherever it is. */
function rotates(place: () => Exclude<StoreLocation, "memory">): void {
  const options = () => ({ store: place(), secretKeys: { file: keyFile } });

  async function onStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const keys = keysOfFile(keyFile, { make: false });
    const store = await openStore({ location: locationOf(place()), now: START, keys });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }

  beforeEach(async () => {
    createKeyFile(keyFile);
    await createPlatform({ ...options(), name: "Acme" });
    await onStore((store) =>
      store.transaction(async (tx) => {
        for (let n = 0; n < ANSWERS; n++) await tx.insertIdempotentAnswer(answer(n));
      }),
    );
  });

  /** Everything can be read with the keys in the file. */
  async function holds(): Promise<void> {
    await onStore((store) =>
      store.read(async (reads) => {
        for (let n = 0; n < ANSWERS; n += 50) expect(await reads.idempotentAnswer(answer(n).scope, answer(n).key, 0)).toEqual(answer(n));
        expect(await reads.setting("fingerprint_key")).toMatch(/^\w{43}$/);
      }),
    );
  }

  test("all is sealed with a new key, and the old one is gone", async () => {
    const [old] = idsInFile();
    const before = await countSecrets(options());
    expect(before).toEqual([{ id: old, current: true, values: before[0]?.values }]);
    expect(before[0]?.values).toBeGreaterThan(ANSWERS);

    const told: number[] = [];
    const rotation = await rotateSecrets({ ...options(), newKey: true, onProgress: (resealed) => void told.push(resealed) });
    const [current] = idsInFile();
    expect(current).not.toBe(old);
    expect(rotation).toEqual({ current, resealed: before[0]?.values, dropped: [old] });
    expect(told.length).toBeGreaterThan(2);
    expect(idsInFile()).toEqual([current]);
    expect(await countSecrets(options())).toEqual([{ id: current, current: true, values: before[0]?.values }]);
    await holds();
  });

  test.each([1, 2, 3])("broken off after batch %i, all can be read, and the next run finishes it", async (batch) => {
    const [old] = idsInFile();
    let batches = 0;
    const broken = rotateSecrets({
      ...options(),
      newKey: true,
      onProgress() {
        if (++batches === batch) throw new Error("broken off");
      },
    });
    await expect(broken).rejects.toThrow("broken off");
    const [begun] = idsInFile();
    expect(idsInFile()).toEqual([begun, old]);
    await holds();

    const { dropped } = await rotateSecrets({ ...options(), newKey: false });
    expect(dropped).toEqual([old]);
    expect(idsInFile()).toEqual([begun]);
    await holds();
  });

  test("broken off just after the new key was written, all can be read with it, and after one more run with another", async () => {
    const [old] = idsInFile();
    const added = addKey(keyFile);
    await holds();
    const rotation = await rotateSecrets({ ...options(), newKey: true });
    expect(new Set(rotation.dropped)).toEqual(new Set([old, added]));
    expect(idsInFile()).toEqual([rotation.current]);
    await holds();
  });
}

describe("in a file", () => {
  const file = () => join(folder, "carabiner.db");
  rotates(() => ({ file: file() }));

  test("a process that is killed while it rotates leaves what can be read, and the next one finishes it", async () => {
    const [old] = idsInFile();
    const many = await openStore({ location: file(), now: START, keys: keysOfFile(keyFile, { make: false }) });
    await many.transaction(async (tx) => {
      for (let n = ANSWERS; n < MANY; n++) await tx.insertIdempotentAnswer(answer(n));
    });
    await many.close();
    const killed = spawn(process.execPath, [programForTests(CLI), "secrets", "rotate", "--data", folder], { stdio: "ignore" });
    const exit = once(killed, "exit");
    await vi.waitFor(() => expect(idsInFile()).toHaveLength(2), { interval: 1, timeout: 20_000 });
    killed.kill("SIGKILL");
    expect(await exit).toEqual([null, "SIGKILL"]);
    const [begun] = idsInFile();
    expect(idsInFile()).toEqual([begun, old]);

    const options = { store: { file: file() }, secretKeys: { file: keyFile } };
    const found = await countSecrets(options);
    expect(found.find(({ id }) => id === old)?.values).toBeGreaterThan(0);
    expect((await rotateSecrets({ ...options, newKey: false })).dropped).toEqual([old]);
    const store = await openStore({ location: file(), now: START, keys: keysOfFile(keyFile, { make: false }) });
    await store.read(async (reads) => {
      for (let n = 0; n < MANY; n += 100) expect(await reads.idempotentAnswer(answer(n).scope, answer(n).key, 0)).toEqual(answer(n));
    });
    await store.close();
  }, 60_000);
});

describe("on PostgreSQL", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());
  rotates(() => ({ url: database.url }));

  test("the old key stays until every server has the new one, and values that servers seal with it meanwhile are resealed", async () => {
    const options = { store: { url: database.url }, secretKeys: { file: keyFile } };
    const [old] = idsInFile();
    const total = (await countSecrets(options))[0]?.values;
    const node = await openStore({ location: database.url, now: START, keys: keysOfFile(keyFile, { make: false }) });
    try {
      const waits = Promise.withResolvers<void>();
      const rotating = rotateSecrets({
        ...options,
        newKey: true,
        onProgress: (resealed, behind) => {
          if (behind > 0 && resealed === total) waits.resolve();
        },
      });
      await waits.promise;
      await node.transaction((tx) => tx.insertIdempotentAnswer(answer(ANSWERS + 1)));
      expect((await node.secrets.count()).get(old ?? "")).toBe(1);
      expect(idsInFile()).toHaveLength(2);
      await node.beat((await node.sharedTime()) as number, 0);
      await node.transaction((tx) => tx.insertIdempotentAnswer(answer(ANSWERS + 2)));
      expect((await rotating).dropped).toEqual([old]);
      expect(await node.secrets.count()).toEqual(new Map([[idsInFile()[0], expect.any(Number)]]));
      for (const n of [ANSWERS + 1, ANSWERS + 2])
        expect(await node.read((reads) => reads.idempotentAnswer(answer(n).scope, answer(n).key, 0))).toEqual(answer(n));
    } finally {
      await node.close();
    }
  });
});
