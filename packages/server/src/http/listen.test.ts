import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, expect, test, vi } from "vitest";
import { listen, listenLocally } from "./listen.ts";

/** What this machine's name resolves to. */
const addresses = vi.hoisted(() => ({ all: [] as string[] }));
vi.mock("node:dns/promises", () => ({ lookup: async () => addresses.all.map((address) => ({ address, family: 4 })) }));

const open: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

function app(): FastifyInstance {
  const made = Fastify({ serverFactory: (handler) => createServer(handler) });
  made.get("/", async () => "well");
  open.push(made);
  return made;
}

test("localhost is listened on at all of its addresses, those that the machine has, until the server closes", async () => {
  addresses.all = ["127.0.0.1", "127.0.0.2", "192.0.2.1", "127.0.0.3"];
  const made = app();
  const port = await listen(made, (handler) => createServer(handler), "localhost", 0);
  const ask = async (host: string) => (await fetch(`http://${host}:${port}/`, { headers: { connection: "close" } })).text();
  for (const host of ["127.0.0.1", "127.0.0.2", "127.0.0.3"]) expect(await ask(host), host).toBe("well");
  await made.close();
  for (const host of ["127.0.0.1", "127.0.0.2"]) await expect(ask(host)).rejects.toThrow();
});

test("a port that another program has at one of the addresses is in use", async () => {
  addresses.all = ["127.0.0.1", "127.0.0.2"];
  const others = createServer().listen(0, "127.0.0.2");
  await once(others, "listening");
  const { port } = others.address() as AddressInfo;
  try {
    await expect(listen(app(), (handler) => createServer(handler), "localhost", port)).rejects.toThrow("EADDRINUSE");
  } finally {
    others.close();
  }
});

test("an address is listened on alone", async () => {
  addresses.all = ["127.0.0.1", "127.0.0.2"];
  const port = await listen(app(), (handler) => createServer(handler), "127.0.0.1", 0);
  await expect(fetch(`http://127.0.0.2:${port}/`)).rejects.toThrow();
});

test("a socket takes the place of one that was left, and of nothing else", async () => {
  const folder = mkdtempSync(join(tmpdir(), "carabiner-listen-"));
  try {
    writeFileSync(join(folder, "file"), "kept");
    symlinkSync(join(folder, "circle"), join(folder, "circle"));
    const at = (...path: string[]) => listenLocally(app(), (handler) => createServer(handler), join(folder, ...path));
    for (const [path, why] of [
      [["file"], "there is something else by this name"],
      [["circle"], "its links lead in a circle (ELOOP)"],
      [["none", "socket"], `there is no folder ${join(folder, "none")} that this user can see`],
      [["file", "socket"], "a part of its path is not a folder (ENOTDIR)"],
      [["x".repeat(200)], "bytes, and this system allows"],
    ] as const)
      await expect(at(...path), path.join("/")).rejects.toMatchObject({
        name: "UnusableSocket",
        message: expect.stringContaining(why),
      });
    expect(statSync(join(folder, "file")).size).toBe(4);
    for (let n = 0; n < 2; n++) {
      const server = await at("socket");
      expect(statSync(join(folder, "socket")).mode & 0o777).toBe(0o600);
      server.close();
      if (n === 0) await once(server, "close");
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
