import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type NameServer, startNameServer } from "../../../test/transport/name-server.ts";
import { DEFAULT_LIMITS, type Limits } from "../../limits.ts";
import { createNameService, type NameService } from "./name-service.ts";

/** The limits on what a name server or a large file can cost. */

let folder: string;
let now = 0;
let server: NameServer;
let service: NameService;
let silentIn: 4 | 6 | null;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-names-"));
  now = 0;
  silentIn = null;
  server = await startNameServer((name, family) => {
    if (name.startsWith("none")) return "no such name";
    return family === silentIn ? "silent" : { addresses: ["203.0.113.9"], ttl: 3_600 };
  });
});
afterEach(async () => {
  service.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

/** A service with these limits, whose hosts file has this text. */
function start(limits: Partial<Limits>, hosts = ""): void {
  const files = { hosts: join(folder, "hosts"), resolverConfiguration: join(folder, "resolv.conf") };
  writeFileSync(files.hosts, hosts);
  writeFileSync(files.resolverConfiguration, "");
  service = createNameService({ limits: { ...DEFAULT_LIMITS, ...limits }, nameServers: [server.address], files, now: () => now });
}

const timesAsked = (name: string): number => server.asked.filter((asked) => asked === name).length / 2;

test("an answer is used for nameKeptMs, however long its server says that it is valid", async () => {
  start({ nameKeptMs: 5_000 });
  await service.resolve("a.test");
  now = 4_999;
  await service.resolve("a.test");
  expect(timesAsked("a.test")).toBe(1);
  now = 5_000;
  await service.resolve("a.test");
  expect(timesAsked("a.test")).toBe(2);
});

test("namesKept answers are kept, and the oldest makes room", async () => {
  start({ namesKept: 2 });
  for (const name of ["a.test", "b.test", "b.test", "a.test"]) await service.resolve(name);
  expect([timesAsked("a.test"), timesAsked("b.test")]).toEqual([1, 1]);
  await service.resolve("c.test");
  await service.resolve("b.test");
  await service.resolve("a.test");
  expect([timesAsked("a.test"), timesAsked("b.test")]).toEqual([2, 1]);
});

test("addresses of one family wait for the other for nameSecondFamilyMs, not until its server's time is over", async () => {
  start({ nameSecondFamilyMs: 10, nameQueryMs: 60_000, nameLookupMs: 60_000 });
  silentIn = 6;
  expect(await service.resolve("a.test")).toEqual([{ address: "203.0.113.9", family: 4 }]);
});

test("a hosts file is read up to nameFileBytes, in whole lines", async () => {
  const lines = [1, 2, 3].map((n) => `192.0.2.${n} none${n}.test\n`);
  const [first = "", second = ""] = lines;
  const length = first.length + second.length;
  start({ nameFileBytes: length }, lines.join(""));
  expect(await service.resolve("none2.test")).toEqual([{ address: "192.0.2.2", family: 4 }]);
  await expect(service.resolve("none3.test")).rejects.toThrow();
  service.close();
  start({ nameFileBytes: length - 1 }, lines.join(""));
  await expect(service.resolve("none2.test")).rejects.toThrow();
  expect(await service.resolve("none1.test")).toEqual([{ address: "192.0.2.1", family: 4 }]);
});
