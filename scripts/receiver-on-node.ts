import { execFile } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "./house/repository-files.ts";
import { packReceiver, SMOKE_LINES } from "./packed-receiver.ts";
import { startPostgres } from "./postgres-for-tests.ts";

/**
 * Tests the receiver, packed and installed as users get it, on versions of Node.js that the workspace itself does not
 * run on: `npm run receiver-on-node -- /path/to/node …`. Everything must work from 20.3 on, and SQLite from 22.16:
 * older versions have no `node:sqlite`, or one that lacks what the inbox needs. Exits with 1 when something is wrong.
 */
const run = promisify(execFile);
const SQLITE_SINCE = [22, 16] as const;
const CONSUMER = join(ROOT, "packages/receiver/test/consumer");

const nodes = process.argv.slice(2);
if (nodes.length === 0) throw new Error("Say which: npm run receiver-on-node -- /path/to/node");
const packed = await packReceiver();
const postgres = await startPostgres();
try {
  packed.link("pg");
  for (const name of ["smoke.mjs", "durable.mjs"]) copyFileSync(join(CONSUMER, name), join(packed.consumer, name));
  for (const node of nodes) await tryUnder(node);
} finally {
  await postgres.stop();
  packed.remove();
}

async function tryUnder(node: string): Promise<void> {
  const { stdout: version } = await run(node, ["--version"]);
  const [major = 0, minor = 0] = version.trim().slice(1).split(".").map(Number);
  const hasSqlite = major > SQLITE_SINCE[0] || (major === SQLITE_SINCE[0] && minor >= SQLITE_SINCE[1]);
  expectLines(version, "memory", await linesOf(node, ["smoke.mjs"]), SMOKE_LINES);
  const places: [kind: string, place: string][] = [["postgres", postgres.url]];
  if (hasSqlite) places.push(["sqlite", join(packed.consumer, `${version.trim()}.db`)]);
  for (const [kind, place] of places) {
    const expected = [`${kind} 200 stored retry`, `${kind} 200 duplicate`, `${kind} true done 1`];
    expectLines(version, kind, await linesOf(node, ["durable.mjs", kind, place]), expected);
  }
  for (const form of ["module", "commonjs"]) {
    const names = packed.entries.filter((entry) => hasSqlite || !entry.endsWith("/sqlite"));
    const load = form === "module" ? "await import(name)" : "require(name)";
    const script = `for (const name of ${JSON.stringify(names)}) console.log(name, Object.keys(${load}).length > 0)`;
    expectLines(
      version,
      form,
      await linesOf(node, [`--input-type=${form}`, "--eval", script]),
      names.map((name) => `${name} true`),
    );
  }
  console.log(`${version.trim()}: memory, ${places.map(([kind]) => kind).join(", ")}; as ES modules and as CommonJS`);
}

async function linesOf(node: string, args: readonly string[]): Promise<string[]> {
  const { stdout } = await run(node, ["--no-warnings", ...args], { cwd: packed.consumer });
  return stdout.trim().split("\n");
}

function expectLines(version: string, what: string, lines: readonly string[], expected: readonly string[]): void {
  if (lines.join("\n") === expected.join("\n")) return;
  throw new Error(`Node ${version.trim()}, ${what}: it says\n${lines.join("\n")}\nand should say\n${expected.join("\n")}`);
}
