import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { ADDRESS_BLOCKED } from "./fault-of-error.ts";
import { type ConnectorOptions, createGuardedConnector, type ResolvedAddress } from "./guarded-connector.ts";

let ends: (() => unknown)[] = [];
afterEach(async () => {
  const all = ends;
  ends = [];
  for (const end of all) await end();
});

/** A listener on loopback that notes what it hears. */
async function canary() {
  const heard = { connections: 0, bytes: 0 };
  const server = createServer((socket) => {
    heard.connections++;
    socket.on("data", (data) => (heard.bytes += data.length));
    socket.on("error", () => undefined);
    ends.unshift(() => socket.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  const accepted = once(server, "connection").then(([socket]) => socket as Socket);
  return { heard, accepted, port: String((server.address() as AddressInfo).port) };
}

function connect(options: ConnectorOptions, hostname: string, port: string): Promise<Socket | Error> {
  return new Promise((resolve) =>
    createGuardedConnector(options)({ hostname, host: hostname, protocol: "http:", port }, (error, socket) => resolve(error ?? socket)),
  );
}

it("judges the address once more when it is connected", async () => {
  const { heard, port } = await canary();
  const judged: string[] = [];
  const guard = (address: string) => judged.push(address) === 1;
  const result = await connect({ guard, timeoutMs: 1_000 }, "127.0.0.1", port);
  expect(result).toMatchObject({ code: ADDRESS_BLOCKED });
  expect(judged).toEqual(["127.0.0.1", "127.0.0.1"]);
  expect(heard.bytes).toBe(0);
});

it("judges all addresses of a name, and connects to none when one is refused", async () => {
  const { heard, port } = await canary();
  const resolve = async (): Promise<ResolvedAddress[]> => [
    { address: "127.0.0.1", family: 4 },
    { address: "127.0.0.2", family: 4 },
  ];
  const result = await connect({ guard: (address) => address !== "127.0.0.2", timeoutMs: 1_000, resolve }, "two.example", port);
  expect(result).toMatchObject({ code: ADDRESS_BLOCKED });
  expect(heard.connections).toBe(0);
});

it("connects to an address that was judged, and looks the name up once", async () => {
  const { port } = await canary();
  let lookups = 0;
  const resolve = async (): Promise<ResolvedAddress[]> => [{ address: lookups++ === 0 ? "127.0.0.1" : "127.0.0.2", family: 4 }];
  const socket = (await connect({ guard: () => true, timeoutMs: 1_000, resolve }, "once.example", port)) as Socket;
  expect(socket.remoteAddress).toBe("127.0.0.1");
  expect(lookups).toBe(1);
  socket.destroy();
});

it("closes a connection that comes too late", async () => {
  const { accepted, port } = await canary();
  let found: (addresses: ResolvedAddress[]) => void = () => undefined;
  const resolve = () => new Promise<ResolvedAddress[]>((resolved) => (found = resolved));
  const late = await connect({ guard: () => true, timeoutMs: 20, resolve }, "late.example", port);
  expect(late).toMatchObject({ code: "UND_ERR_CONNECT_TIMEOUT" });
  found([{ address: "127.0.0.1", family: 4 }]);
  const socket = await accepted;
  await new Promise((closed) => socket.on("close", closed));
  expect(socket.bytesRead).toBe(0);
});
