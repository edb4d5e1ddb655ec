import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, expect, test, vi } from "vitest";
import { listen } from "./listen.ts";

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
