import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { startCarabiner } from "../src/index.ts";
import { keyHash } from "../src/resources/platforms/issue-keys.ts";
import { client } from "./platform-of-its-own.ts";
import { cleanUp, start } from "./server-of-its-own.ts";

const SHORT = { test: "sk_test_carabiner", live: "sk_live_carabiner" };

test("a dev server's keys are as long as Stripe's, and the short ones of before are taken too", async () => {
  const server = await start();
  const { test: forTest, live } = server.keys;
  for (const key of [forTest.secret, forTest.publishable, live.secret, live.publishable])
    expect(key).toMatch(/^[sp]k_(test|live)_[A-Za-z0-9]{24,}$/);
  for (const key of [forTest.secret, live.secret, SHORT.test, SHORT.live])
    expect((await client(server, key).accounts.retrieveCurrent()).id).toBe(server.account);
  for (const key of [forTest.publishable, "pk_test_carabiner"])
    expect((await client(server, key).tokens.create({ pii: { id_number: "000000000" } })).object).toBe("token");
});

test("a database that has the short keys alone gets the long ones, and its platform stays", async () => {
  const directory = await mkdtemp(join(tmpdir(), "carabiner-dev-keys-"));
  cleanUp.push(() => rm(directory, { recursive: true }));
  const file = join(directory, "carabiner.db");
  const first = await startCarabiner({ store: { file } });
  await first.close();
  const { test: forTest, live } = first.keys;
  const database = new DatabaseSync(file);
  const long = [forTest.secret, forTest.publishable, live.secret, live.publishable].map(keyHash);
  expect(database.prepare(`DELETE FROM keys WHERE hash IN (${long.map(() => "?").join()})`).run(...long).changes).toBe(4);
  database.close();
  for (let start = 0; start < 2; start++) {
    const again = await startCarabiner({ store: { file } });
    expect(again.account).toBe(first.account);
    for (const key of [forTest.secret, live.secret, SHORT.test])
      expect((await client(again, key).accounts.retrieveCurrent()).id).toBe(first.account);
    await again.close();
  }
});
