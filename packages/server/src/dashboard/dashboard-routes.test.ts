import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, gzipSync } from "node:zlib";
import Fastify from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Settings } from "../operations/operation.ts";
import { createDashboardFiles } from "./dashboard-files.ts";
import { addDashboardPage } from "./dashboard-routes.ts";

const PAGE = '<!doctype html><title>D</title><script type="module" src="./assets/main-abc.js"></script><link href="./favicon.svg">';
const SCRIPT = "console.log('a script that is worth compressing');".repeat(20);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dashboard-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function build(page = PAGE): Promise<void> {
  await mkdir(join(folder, "assets"), { recursive: true });
  await writeFile(join(folder, "assets/main-abc.js"), SCRIPT);
  await writeFile(join(folder, "assets/main-abc.js.br"), brotliCompressSync(SCRIPT));
  await writeFile(join(folder, "assets/main-abc.js.gz"), gzipSync(SCRIPT));
  await writeFile(join(folder, "assets/main-abc.js.map"), "{}");
  await writeFile(join(folder, "favicon.svg"), "<svg/>");
  await writeFile(join(folder, "index.html"), page);
}

function app({ publicUrl = "http://127.0.0.1:4700", ownHostOnly = true } = {}) {
  const served = Fastify({ exposeHeadRoutes: false });
  const settings = { publicUrl: () => publicUrl } as Settings;
  addDashboardPage(served, { settings, ownHostOnly, built: createDashboardFiles([join(folder, "nowhere"), folder]) });
  return (url: string, headers: Record<string, string> = {}, method: "GET" | "HEAD" = "GET") =>
    served.inject({ method, url, headers: { host: "localhost:4700", ...headers } });
}

test("the page is served at its addresses, with links that go up to its files, and is requested again each time", async () => {
  await build();
  const get = app();
  const home = await get("/dashboard/");
  expect(home.body).toBe(PAGE);
  expect(home.headers).toMatchObject({ "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" });
  expect((await get("/dashboard/", { "if-none-match": String(home.headers.etag) })).statusCode).toBe(304);
  expect((await get("/dashboard/events/evt_1")).body).toContain('src="../assets/main-abc.js"');
  expect((await get("/dashboard/accounts/acct_1/payouts/")).body).toContain('href="../../../favicon.svg"');
  // To a browser a slash that is written as %2F begins no folder.
  expect((await get("/dashboard/events/evt_%2F..%2F1?at=a/b")).body).toContain('src="../assets/main-abc.js"');
  expect((await get(`/dashboard/events/${"x".repeat(4_000)}`)).body).toContain('src="../assets/main-abc.js"');
  expect((await get("/dashboard/", {}, "HEAD")).body).toBe("");
});

test("the page may load its own files and call its own server, and nothing else", async () => {
  await build();
  const get = app();
  for (const path of ["/dashboard/", "/dashboard/assets/main-abc.js", "/dashboard/favicon.svg"]) {
    const { headers } = await get(path);
    expect(headers["content-security-policy"]).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "x-frame-options": "DENY" });
  }
});

test("files are sent as compressed as the browser takes them, and those named by their content are kept for good", async () => {
  await build();
  const get = app();
  const path = "/dashboard/assets/main-abc.js";
  const small = await get(path, { "accept-encoding": "gzip, deflate, br" });
  expect(small.headers).toMatchObject({
    "content-encoding": "br",
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "public, max-age=31536000, immutable",
    vary: "accept-encoding",
  });
  expect(brotliDecompressSync(small.rawPayload).toString()).toBe(SCRIPT);
  expect((await get(path, { "accept-encoding": "gzip, br;q=0" })).headers["content-encoding"]).toBe("gzip");
  const plain = await get(path);
  expect([plain.headers["content-encoding"], plain.body]).toEqual([undefined, SCRIPT]);
  expect((await get("/dashboard/favicon.svg")).headers).toMatchObject({ "content-type": "image/svg+xml", "cache-control": "no-cache" });
});

test("a file of another build, a map, and what lies outside the folder are not there", async () => {
  await build();
  const get = app();
  for (const path of ["/dashboard/assets/main-old.js", "/dashboard/assets/main-abc.js.map", "/dashboard/assets/..%2f..%2fpackage.json"])
    expect((await get(path)).statusCode, path).toBe(404);
  expect((await get("/dashboard/..%2f..%2fpackage.json")).body).not.toContain("workspace");
});

test("browsers are led there from the root and from the path without a slash, also below a proxy's path", async () => {
  await build();
  const get = app();
  expect((await get("/")).statusCode).toBe(404);
  const led = await get("/", { accept: "text/html,application/xhtml+xml" });
  expect([led.statusCode, led.headers.location]).toEqual([303, "/dashboard/"]);
  expect((await get("/dashboard?type=a.b")).headers.location).toBe("/dashboard/?type=a.b");
  const below = app({ publicUrl: "https://host.example/tools/carabiner", ownHostOnly: false });
  expect((await below("/", { accept: "text/html" })).headers.location).toBe("/tools/carabiner/dashboard/");
  expect((await below("/dashboard/events/evt_1")).body).toContain('src="../assets/main-abc.js"');
});

test("a name that someone else has pointed at this machine shows nothing on a development server", async () => {
  await build();
  const get = app();
  for (const host of ["attacker.example:4700", "127.0.0.1.attacker.example", "user@localhost"])
    expect((await get("/dashboard/", { host })).statusCode, host).toBe(421);
  for (const host of ["localhost", "127.0.0.1:4700", "[::1]:4700", "carabiner.localhost:4700"])
    expect((await get("/dashboard/", { host })).statusCode, host).toBe(200);
  expect((await app({ ownHostOnly: false })("/dashboard/", { host: "connect.example.com" })).statusCode).toBe(200);
});

test("a page that is not built says how to build it, and a new build is served at once", async () => {
  const get = app();
  const missing = await get("/dashboard/");
  expect([missing.statusCode, missing.body]).toEqual([503, expect.stringContaining("npm run build:dashboard")]);
  await build();
  expect((await get("/dashboard/")).body).toBe(PAGE);
  await build(PAGE.replace("D", "E"));
  await utimes(join(folder, "index.html"), 1, 1);
  expect((await get("/dashboard/")).body).toContain("<title>E</title>");
});
