import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import { createHttpTransport, type HttpTransportOptions } from "../../src/transport/http-transport.ts";
import { createNameService } from "../../src/transport/names/name-service.ts";
import type { Posted, Transport } from "../../src/transport/transport.ts";
import { type NameAnswer, type NameServer, startNameServer } from "./name-server.ts";

const LIMITS = { ...DEFAULT_LIMITS, nameQueryMs: 50, nameQueryTries: 1, nameLookupMs: 150, nameFailureKeptMs: 0 };

let names: Record<string, NameAnswer>;
let nameServer: NameServer;
let receiver: Server;
let received: string[];
const opened: Transport[] = [];

beforeEach(async () => {
  names = {};
  received = [];
  nameServer = await startNameServer((name) => names[name] ?? "no such name");
  receiver = createServer((request, response) => {
    received.push(request.headers.host ?? "");
    response.end();
  });
  await once(receiver.listen(0, "127.0.0.1"), "listening");
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((transport) => transport.close()));
  await nameServer.close();
  await new Promise((resolve) => receiver.close(resolve));
});

const portOf = (server: Server) => (server.address() as AddressInfo).port;

function transport(options: Partial<HttpTransportOptions>): Transport {
  const made = createHttpTransport({ limits: LIMITS, allowLocal: false, nameServers: [nameServer.address], ...options });
  opened.push(made);
  return made;
}

async function post(by: Transport, host: string, port = portOf(receiver)): Promise<Posted> {
  return by.post({ url: `http://${host}:${port}/hook`, headers: {}, body: Buffer.from("{}"), deadlineMs: 20_000 });
}

describe("names", () => {
  test.each([
    ["a name server that never answers", "silent"],
    ["a name server that fails", "failed"],
    ["a name that is not there", "no such name"],
  ] as const)("%s is a failure of the name service", async (_, answer) => {
    names["shop.example"] = answer;
    expect(await post(transport({ allowLocal: true }), "shop.example")).toMatchObject({ kind: "fault", code: "dns_failure" });
  });

  test("names that hang hold up nobody else", async () => {
    for (let n = 0; n < 12; n++) names[`hangs-${n}.example`] = "silent";
    names["works.example"] = { addresses: ["127.0.0.1"], ttl: 60 };
    const by = transport({ allowLocal: true, limits: { ...LIMITS, nameQueryMs: 60_000, nameLookupMs: 60_000, attemptConnectMs: 60_000 } });
    const hanging = Array.from({ length: 12 }, (_, n) => post(by, `hangs-${n}.example`));
    for (let n = 0; n < 5; n++) expect(await post(by, "works.example")).toMatchObject({ kind: "answer", status: 200 });
    // They end with the transport, and not a minute later.
    await by.close();
    for (const each of await Promise.all(hanging)) expect(each).toMatchObject({ kind: "fault", code: "interrupted" });
  });

  test("a name with one address that is not allowed is refused, whatever its others are", async () => {
    names["mixed.example"] = { addresses: ["127.0.0.1", "10.1.2.3"], ttl: 60 };
    const refused = await post(transport({ allowedRanges: ["127.0.0.1/32"] }), "mixed.example");
    expect(refused).toMatchObject({ kind: "fault", code: "address_blocked", reason: "Destination not allowed." });
    expect(received).toEqual([]);
  });

  test("a name that changes its answer is judged again", async () => {
    names["rebinds.example"] = { addresses: ["127.0.0.1"], ttl: 0 };
    const by = transport({ allowedRanges: ["127.0.0.1/32"], limits: { ...LIMITS, idleConnections: 0 } });
    expect(await post(by, "rebinds.example")).toMatchObject({ kind: "answer" });
    names["rebinds.example"] = { addresses: ["127.0.0.2"], ttl: 0 };
    expect(await post(by, "rebinds.example")).toMatchObject({ kind: "fault", code: "address_blocked" });
    expect(received).toHaveLength(1);
  });

  test("hosts, search domains and ndots count as the machine's files say", async () => {
    const folder = mkdtempSync(join(tmpdir(), "carabiner-names-"));
    const files = { hosts: join(folder, "hosts"), resolverConfiguration: join(folder, "resolv.conf") };
    writeFileSync(files.hosts, "10.0.0.7 ledger # ours\n");
    writeFileSync(files.resolverConfiguration, "search shop.svc.cluster.local\noptions ndots:5\n");
    names["orders.shop.svc.cluster.local"] = { addresses: ["10.0.0.8"], ttl: 60 };
    const service = createNameService({ limits: LIMITS, nameServers: [nameServer.address], files, now: () => 0 });
    try {
      expect(await service.resolve("ledger")).toEqual([{ address: "10.0.0.7", family: 4 }]);
      expect(await service.resolve("orders")).toEqual([{ address: "10.0.0.8", family: 4 }]);
      const asked = nameServer.asked.length;
      expect(await service.resolve("ORDERS")).toEqual([{ address: "10.0.0.8", family: 4 }]);
      expect(nameServer.asked).toHaveLength(asked);
    } finally {
      service.close();
      rmSync(folder, { recursive: true });
    }
  });
});

describe("an egress proxy", () => {
  let proxy: Server;
  let asked: { authority: string; authorization: string | undefined }[];
  let status: number;
  const url = () => `http://carabiner:secret@127.0.0.1:${portOf(proxy)}`;

  beforeEach(async () => {
    asked = [];
    status = 200;
    proxy = createServer();
    proxy.on("connect", (request, socket) => {
      asked.push({ authority: request.url ?? "", authorization: request.headers["proxy-authorization"] });
      if (status !== 200) return void socket.end(`HTTP/1.1 ${status} X\r\n\r\n`);
      const onward = connect(portOf(receiver), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(onward).pipe(socket);
      });
      for (const side of [onward, socket]) side.on("error", () => [onward, socket].map((each) => each.destroy()));
    });
    await once(proxy.listen(0, "127.0.0.1"), "listening");
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()));
    await new Promise((resolve) => proxy.close(resolve));
  });

  test("makes the connections, with its own password, and finds the names", async () => {
    expect(await post(transport({ proxy: url() }), "shop.example", 8080)).toMatchObject({ kind: "answer", status: 200 });
    expect(asked).toEqual([
      { authority: "shop.example:8080", authorization: `Basic ${Buffer.from("carabiner:secret").toString("base64")}` },
    ]);
    expect(received).toEqual(["shop.example:8080"]);
    expect(nameServer.asked).toEqual([]);
  });

  test("that refuses looks like any other refusal; one that is away says so", async () => {
    status = 403;
    expect(await post(transport({ proxy: url() }), "shop.example")).toMatchObject({
      code: "address_blocked",
      reason: "Destination not allowed.",
    });
    status = 502;
    expect(await post(transport({ proxy: url() }), "shop.example")).toMatchObject({ code: "proxy_failure" });
  });

  test("does not lead where a URL may not: addresses and ports are judged before it is asked", async () => {
    const by = transport({ proxy: url(), refusedPorts: [25] });
    for (const [host, port] of [
      ["127.0.0.1", 80],
      ["169.254.169.254", 80],
      ["shop.example", 25],
    ] as const)
      expect(await post(by, host, port)).toMatchObject({ code: "address_blocked", reason: "Destination not allowed." });
    expect(asked).toEqual([]);
  });
});
