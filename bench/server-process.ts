import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPlatform, startCarabiner } from "../packages/server/src/index.ts";
import { TEST_SECRET } from "../packages/server/test/store/store-fixture.ts";

/**
 * The server on a real file, or on the PostgreSQL database of a URL, alone in its process. Started with limits as JSON,
 * the URL or an empty text, and the number of platforms (one when left out); says `{ url, key, keys }`: the first
 * platform's key, and those of all. Answers `"idle"` once nothing is held in memory.
 */
const directory = mkdtempSync(join(tmpdir(), "carabiner-bench-"));
const location = process.argv[3] || join(directory, "carabiner.db");
const store = location.startsWith("postgres:") ? { url: location } : { file: location };
const secretKeys = { keys: TEST_SECRET };
const keys: string[] = [];
for (let n = 0; n < Number(process.argv[4] ?? 1); n++)
  keys.push((await createPlatform({ store, secretKeys, name: "Bench" })).keys.test.secret);
const server = await startCarabiner({
  mode: "serve",
  store,
  secretKeys,
  limits: JSON.parse(process.argv[2] ?? "{}"),
  allowLocalEndpoints: true,
});
process.on("message", () => void server.idle().then(() => process.send?.({ idle: true })));
process.on("disconnect", () => {
  void server.close().then(() => {
    rmSync(directory, { recursive: true });
    process.exit();
  });
});
process.send?.({ url: server.url, key: keys[0], keys });
