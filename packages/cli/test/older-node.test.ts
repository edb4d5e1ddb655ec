import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };

const BIN = fileURLToPath(new URL(`../${manifest.bin.carabiner}`, import.meta.url));

/** Runs the binary on this Node.js, which says that it is of a version. */
function runAs(version: string, ...args: string[]) {
  const pretend = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } })`;
  return spawnSync(process.execPath, ["--import", `data:text/javascript,${encodeURIComponent(pretend)}`, BIN, ...args], {
    encoding: "utf8",
  });
}

test.each(["20.19.0", "24.14.1"])("on Node.js %s it says in one line which version it needs, and loads no TypeScript", (version) => {
  expect(runAs(version, "--version")).toMatchObject({
    status: 1,
    stdout: "",
    stderr: `carabiner needs Node.js 24.15 or newer; this is ${version}. Install one from https://nodejs.org.\n`,
  });
});

test("under one that is new enough it runs", () => {
  expect(runAs("24.15.0", "--version")).toMatchObject({ status: 0, stdout: `${manifest.version}\n` });
});
