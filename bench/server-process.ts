import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCarabiner } from "../packages/server/src/index.ts";

/** The server on a real file, or on the PostgreSQL database of a URL, alone in its process. Started with limits as JSON and the URL; answers `"idle"` once nothing is held. */
const directory = mkdtempSync(join(tmpdir(), "carabiner-bench-"));
const server = await startCarabiner({
  store: { file: process.argv[3] ?? join(directory, "carabiner.db") },
  limits: JSON.parse(process.argv[2] ?? "{}"),
});
process.on("message", () => void server.idle().then(() => process.send?.({ idle: true })));
process.on("disconnect", () => {
  void server.close().then(() => {
    rmSync(directory, { recursive: true });
    process.exit();
  });
});
process.send?.({ url: server.url, key: server.keys.test.secret });
