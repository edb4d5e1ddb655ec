import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../limits.ts";
import { ADDRESS_BLOCKED, NAME_SERVICE_AWAY } from "./fault-of-error.ts";
import { type ConnectorOptions, createGuardedConnector, type ResolvedAddress } from "./guarded-connector.ts";

let ends: (() => unknown)[] = [];
afterEach(async () => {
  const all = ends;
  ends = [];
  for (const end of all) await end();
});

/** A listener on loopback that records what it receives. */
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
  return { heard, accepted, port: (server.address() as AddressInfo).port };
}

const noPhases = () => ({ dnsMs: null, connectMs: null, tlsMs: null });

/** For tests without names. */
const nobody = () => Promise.reject(new Error("a name was asked for"));

function connect(options: ConnectorOptions, hostname: string, port: number): Promise<Socket | Error> {
  return new Promise((resolve) =>
    createGuardedConnector(options)({ origin: `http://${hostname}:${port}`, secure: false, hostname, port }, noPhases(), (error, socket) =>
      resolve(error ?? socket),
    ),
  );
}

it("judges the address once more when it is connected", async () => {
  const { heard, port } = await canary();
  const judged: string[] = [];
  const guard = (address: string) => judged.push(address) === 1;
  const result = await connect({ guard, timeoutMs: 1_000, headBytes: 16_384, limits: DEFAULT_LIMITS, resolve: nobody }, "127.0.0.1", port);
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
  const result = await connect(
    { guard: (address) => address !== "127.0.0.2", timeoutMs: 1_000, headBytes: 16_384, limits: DEFAULT_LIMITS, resolve },
    "two.example",
    port,
  );
  expect(result).toMatchObject({ code: ADDRESS_BLOCKED });
  expect(heard.connections).toBe(0);
});

it("connects to an address that was judged, and looks the name up once", async () => {
  const { port } = await canary();
  let lookups = 0;
  const resolve = async (): Promise<ResolvedAddress[]> => [{ address: lookups++ === 0 ? "127.0.0.1" : "127.0.0.2", family: 4 }];
  const socket = (await connect(
    { guard: () => true, timeoutMs: 1_000, headBytes: 16_384, limits: DEFAULT_LIMITS, resolve },
    "once.example",
    port,
  )) as Socket;
  expect(socket.remoteAddress).toBe("127.0.0.1");
  expect(lookups).toBe(1);
  socket.destroy();
});

it("gives up in time, and connects to nothing that is found afterwards", async () => {
  const { heard, port } = await canary();
  let found: (addresses: ResolvedAddress[]) => void = () => undefined;
  const judged: string[] = [];
  const guard = (address: string) => judged.push(address) > 0;
  const resolve = () => new Promise<ResolvedAddress[]>((resolved) => (found = resolved));
  const late = await connect({ guard, timeoutMs: 20, headBytes: 16_384, limits: DEFAULT_LIMITS, resolve }, "late.example", port);
  expect(late).toMatchObject({ code: NAME_SERVICE_AWAY });
  found([{ address: "127.0.0.1", family: 4 }]);
  // A later connection is received first.
  const socket = (await connect(
    { guard: () => true, timeoutMs: 1_000, headBytes: 16_384, limits: DEFAULT_LIMITS, resolve: nobody },
    "127.0.0.1",
    port,
  )) as Socket;
  expect(judged).toEqual(["127.0.0.1"]);
  expect(heard.connections).toBeLessThanOrEqual(1);
  socket.destroy();
});

it("closes the socket of a connection that is given up", async () => {
  const { accepted, port } = await canary();
  const giveUp = createGuardedConnector({
    guard: () => true,
    timeoutMs: 5_000,
    headBytes: 16_384,
    limits: DEFAULT_LIMITS,
    resolve: nobody,
  })({ origin: "https://127.0.0.1", secure: true, hostname: "127.0.0.1", port }, noPhases(), () => expect.unreachable("it was given up"));
  const socket = await accepted;
  const closed = new Promise((resolve) => socket.on("close", resolve));
  giveUp();
  await closed;
});
