import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { HOSTILE_HOSTS } from "../../test/transport/hostile-hosts.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { NAME_NOT_FOUND } from "./fault-of-error.ts";
import { createHttpTransport, type HttpTransportOptions } from "./http-transport.ts";
import type { OutgoingRequest, Posted, Transport } from "./transport.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

let ends: (() => unknown)[] = [];
afterEach(async () => {
  const all = ends.reverse();
  ends = [];
  for (const end of all) await end();
});

async function listen<S extends Server>(server: S, port = 0, host = "127.0.0.1"): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, "listening");
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** Resolves when the socket is closed, for any reason. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.on("close", () => resolve()));
}

/** A receiver that reads one whole request, then answers. Counts connections and requests. */
async function receiver(answer: (socket: Socket, request: string) => void) {
  const counts = { connections: 0, requests: [] as string[] };
  const server = createServer((socket) => {
    counts.connections++;
    let text = "";
    socket.setEncoding("latin1");
    socket.on("data", (data: string) => {
      text += data;
      const head = text.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/.exec(text)?.[1] ?? 0);
      if (head === -1 || text.length < head + 4 + length) return;
      const request = text;
      text = "";
      counts.requests.push(request);
      answer(socket, request);
    });
  });
  const port = await listen(server);
  return Object.assign(counts, { port, url: `http://127.0.0.1:${port}/hook?a=1`, server });
}

function transport(options: Partial<HttpTransportOptions> = {}): Transport {
  const made = createHttpTransport({ limits: DEFAULT_LIMITS, allowLocal: true, ...options });
  ends.push(() => made.close());
  return made;
}

const request = (url: string, more: Partial<OutgoingRequest> = {}): OutgoingRequest => ({
  url,
  headers: { "content-type": "application/json; charset=utf-8", "stripe-signature": "t=1,v1=00" },
  body: Buffer.from('{"id":"evt_1"}'),
  deadlineMs: 5_000,
  ...more,
});

function answerOf(posted: Posted) {
  if (posted.kind !== "answer") throw new Error(`${posted.code}: ${posted.reason}`);
  return posted;
}

function faultOf(posted: Posted) {
  if (posted.kind !== "fault") throw new Error(`answered ${posted.status}`);
  expect(posted.reason).not.toMatch(/\d+\.\d+\.\d+\.\d+|::/);
  return posted;
}

describe("an answer", () => {
  it("is what the receiver said, to exactly the bytes that were to be sent", async () => {
    const to = await receiver((socket) => socket.write("HTTP/1.1 200 OK\r\nX-One: a\r\nx-one: b\r\nContent-Length: 6\r\n\r\nthanks"));
    const answer = answerOf(await transport().post(request(to.url)));
    expect(answer).toMatchObject({ status: 200, headers: { "x-one": "a, b", "content-length": "6" }, body: "thanks", truncated: false });
    expect(answer.durationMs).toBeGreaterThan(0);
    const [head = "", body] = (to.requests[0] ?? "").split("\r\n\r\n");
    expect(body).toBe('{"id":"evt_1"}');
    expect(head.split("\r\n")).toEqual([
      "POST /hook?a=1 HTTP/1.1",
      `host: 127.0.0.1:${to.port}`,
      "connection: keep-alive",
      "content-type: application/json; charset=utf-8",
      "stripe-signature: t=1,v1=00",
      "content-length: 14",
    ]);
  });

  it.each([204, 400, 404, 410, 429, 500, 503])("is one with status %i too", async (status) => {
    const to = await receiver((socket) => socket.write(`HTTP/1.1 ${status} Whatever\r\ncontent-length: 0\r\n\r\n`));
    expect(answerOf(await transport().post(request(to.url)))).toMatchObject({ status, body: "", truncated: false });
  });

  it.each([301, 302, 303, 307, 308])("with status %i is not followed", async (status) => {
    const target = await receiver((socket) => socket.write(OK));
    const to = await receiver((socket) =>
      socket.write(`HTTP/1.1 ${status} Elsewhere\r\nlocation: ${target.url}\r\ncontent-length: 0\r\n\r\n`),
    );
    expect(answerOf(await transport().post(request(to.url)))).toMatchObject({ status, headers: { location: target.url } });
    expect(target.connections).toBe(0);
  });

  it.each([
    "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n",
    // Unrequested, but harmless. Source: https://www.rfc-editor.org/rfc/rfc9110#section-15.2
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\ncontent-length: 7\r\n\r\n",
  ])("that comes after interim answers (%j) is the one that counts", async (interim) => {
    const to = await receiver((socket) => socket.write(`${interim}${OK}`));
    expect(answerOf(await transport().post(request(to.url)))).toMatchObject({ status: 200, body: "ok" });
  });

  it("keeps the beginning of a long body, to whole characters", async () => {
    const text = `x${"é".repeat(5_000)}`;
    const to = await receiver((socket) =>
      socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`),
    );
    to.server.on("connection", (socket) => socket.setDefaultEncoding("utf8"));
    const answer = answerOf(await transport().post(request(to.url)));
    expect(answer.truncated).toBe(true);
    expect(answer.body).toBe(`x${"é".repeat((DEFAULT_LIMITS.responseKeptBytes - 2) / 2)}`);
  });

  it("has U+FFFD where the body has NUL or is not UTF-8", async () => {
    const to = await receiver((socket) =>
      socket.write(Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"), Buffer.from([0x61, 0, 0x62, 0xff, 0x63])])),
    );
    expect(answerOf(await transport().post(request(to.url))).body).toBe("a\uFFFDb\uFFFDc");
  });

  it("is not decompressed", async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const to = await receiver((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
      socket.write(bomb);
    });
    const answer = answerOf(await transport().post(request(to.url)));
    expect(answer.truncated).toBe(true);
    expect(answer.headers["content-encoding"]).toBe("gzip");
    expect(answer.body.startsWith("\u001F\uFFFD\b")).toBe(true);
    expect(answer.body.length).toBeLessThanOrEqual(DEFAULT_LIMITS.responseKeptBytes);
  });

  it.each([
    ["content-length: 10000000000", (data: string) => data],
    ["transfer-encoding: chunked", (data: string) => `${data.length.toString(16)}\r\n${data}\r\n`],
    ["connection: close", (data: string) => data],
  ])("without end (%s) is cut at the limit, and its connection closed", async (header, frame) => {
    let sent = 0;
    let closed: Promise<unknown> = Promise.resolve();
    const to = await receiver((socket) => {
      closed = closing(socket);
      const piece = frame("z".repeat(16_000));
      const pump = () => {
        while (!socket.destroyed && socket.write(piece)) sent += piece.length;
        sent += piece.length;
      };
      socket.on("drain", pump);
      socket.write(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n`);
      pump();
    });
    const answer = answerOf(await transport().post(request(to.url)));
    expect(answer).toMatchObject({ status: 200, truncated: true, body: "z".repeat(DEFAULT_LIMITS.responseKeptBytes) });
    await closed;
    expect(sent).toBeLessThan(20_000_000);
  });

  it("that ends exactly at a chunk beyond the limit does no harm", async () => {
    const body = "q".repeat(DEFAULT_LIMITS.responseReadBytes + 1);
    const to = await receiver((socket) =>
      socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
    );
    expect(answerOf(await transport().post(request(to.url)))).toMatchObject({ status: 200, truncated: true });
  });

  it.each([
    ["is reset", (socket: Socket) => socket.resetAndDestroy()],
    ["is closed", (socket: Socket) => socket.end()],
    ["is not valid", (socket: Socket) => socket.write("not a chunk\r\n")],
    ["stops", () => undefined],
  ])("whose body %s halfway is one all the same", async (_, spoil) => {
    const to = await receiver((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n", () => setImmediate(() => spoil(socket)));
    });
    const answer = answerOf(await transport().post(request(to.url, { deadlineMs: 100 })));
    expect(answer).toMatchObject({ status: 200, truncated: true });
    expect("half").toContain(answer.body);
    expect(answer.durationMs).toBeLessThan(2_000);
  });
});

describe("a fault", () => {
  it("connection_refused: nothing listens", async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const fault = faultOf(await transport().post(request(`http://127.0.0.1:${port}/`)));
    expect(fault).toMatchObject({
      code: "connection_refused",
      reason: "The connection was refused: nothing listens at this address and port.",
    });
  });

  it.each([
    ["before the answer", ""],
    ["in the middle of its head", "HTTP/1.1 200 OK\r\ncontent-le"],
  ])("connection_reset: closed %s; the request is not sent again", async (_, beginning) => {
    for (const end of [(socket: Socket) => socket.resetAndDestroy(), (socket: Socket) => socket.end()]) {
      const to = await receiver((socket) =>
        beginning === "" ? end(socket) : socket.write(beginning, () => setImmediate(() => end(socket))),
      );
      expect(faultOf(await transport().post(request(to.url))).code).toBe("connection_reset");
      expect(to.requests.length).toBe(1);
    }
  });

  it("connection_reset: closed as soon as it is accepted", async () => {
    let connections = 0;
    const port = await listen(
      createServer((socket) => {
        connections++;
        socket.resetAndDestroy();
      }),
    );
    expect(faultOf(await transport().post(request(`http://127.0.0.1:${port}/`))).code).toBe("connection_reset");
    expect(connections).toBe(1);
  });

  it.each([
    ["says nothing", () => undefined],
    ["stops in the head", (socket: Socket) => socket.write("HTTP/1.1 200 OK\r\nx-")],
    [
      "drips its head",
      (socket: Socket) => {
        socket.write("HTTP/1.1 200 OK\r\n");
        const drip = setInterval(() => socket.write("x: y\r\n"), 5);
        socket.on("close", () => clearInterval(drip));
      },
    ],
    [
      "sends interim answers now and then",
      (socket: Socket) => {
        const drip = setInterval(() => socket.write("HTTP/1.1 102 Processing\r\n\r\n"), 20);
        socket.on("close", () => clearInterval(drip));
      },
    ],
  ])("timeout: the receiver %s", async (_, answer) => {
    let closed: Promise<unknown> = Promise.resolve();
    const to = await receiver((socket) => {
      closed = closing(socket);
      answer(socket);
    });
    const fault = faultOf(await transport().post(request(to.url, { deadlineMs: 60 })));
    expect(fault).toMatchObject({ code: "timeout", reason: expect.stringContaining("60 ms") });
    expect(fault.durationMs).toBeGreaterThanOrEqual(58);
    expect(fault.durationMs).toBeLessThan(2_000);
    await closed;
  });

  it("invalid_response: interim answers without end", async () => {
    const to = await receiver((socket) => socket.write("HTTP/1.1 102 Processing\r\n\r\n".repeat(1_000)));
    expect(faultOf(await transport().post(request(to.url))).code).toBe("invalid_response");
  });

  it.each([
    "SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "HTTP/9.9 200 OK\r\n\r\n",
    "HTTP/1.1 two hundred\r\n\r\n",
    "HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
    "HTTP/1.1 000 X\r\n\r\n",
    "HTTP/1.1 001 X\r\ncontent-length: 0\r\n\r\n",
    "HTTP/1.1 099 X\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
    "HTTP/1.1 200 OK\ncontent-length: 2\n\nok",
    "HTTP/1.1 200 OK\r\nx: a\r\n folded\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nok",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\nok",
  ])("invalid_response: %j", async (text) => {
    const to = await receiver((socket) => socket.write(text));
    expect(faultOf(await transport().post(request(to.url))).code).toBe("invalid_response");
  });

  it.each([
    ["one header of 1 MB", `x-large: ${"h".repeat(1_000_000)}\r\n`],
    ["10,000 headers", "x-many: one of many\r\n".repeat(10_000)],
    ["a name of 1 MB", `${"n".repeat(1_000_000)}: x\r\n`],
  ])("headers_too_large: %s", async (_, headers) => {
    const to = await receiver((socket) => socket.write(`HTTP/1.1 200 OK\r\n${headers}content-length: 0\r\n\r\n`));
    expect(faultOf(await transport().post(request(to.url))).code).toBe("headers_too_large");
  });

  it("headers_too_large: by the limit that is set", async () => {
    const to = await receiver((socket) => socket.write(`HTTP/1.1 200 OK\r\nx-small: ${"h".repeat(300)}\r\ncontent-length: 0\r\n\r\n`));
    const limits = { ...DEFAULT_LIMITS, responseHeaderBytes: 200 };
    expect(faultOf(await transport({ limits }).post(request(to.url))).code).toBe("headers_too_large");
    expect(answerOf(await transport().post(request(to.url))).status).toBe(200);
  });

  it("connect_timeout: TLS that never gets anywhere; dns_failure: a name that is never found", async () => {
    const port = await listen(createServer());
    const limits = { ...DEFAULT_LIMITS, attemptConnectMs: 50 };
    expect(faultOf(await transport({ limits }).post(request(`https://127.0.0.1:${port}/`))).code).toBe("connect_timeout");
    const never = () => new Promise<never>(() => undefined);
    expect(faultOf(await transport({ limits, resolve: never }).post(request("http://nowhere.example/"))).code).toBe("dns_failure");
  });

  it("timeout: the deadline passes while connecting; the request is not sent afterwards", async () => {
    const to = await receiver((socket) => socket.write(OK));
    let found: (addresses: { address: string; family: number }[]) => void = () => undefined;
    const made = transport({ resolve: () => new Promise((resolve) => (found = resolve)) });
    const fault = faultOf(await made.post(request(`http://late.example:${to.port}/`, { deadlineMs: 50 })));
    expect(fault).toMatchObject({ code: "timeout", reason: expect.stringContaining("no connection") });
    found([{ address: "127.0.0.1", family: 4 }]);
    answerOf(await transport().post(request(to.url, { headers: { "x-other": "1" } })));
    expect(to.requests.map((text) => text.includes("x-other"))).toEqual([true]);
  });

  it("dns_failure: the name is not found", async () => {
    const resolve = () => Promise.reject(Object.assign(new Error("not found"), { code: NAME_NOT_FOUND }));
    expect(faultOf(await transport({ resolve }).post(request("http://gone.example/"))).code).toBe("dns_failure");
    expect(faultOf(await transport({ resolve: async () => [] }).post(request("http://gone.example/"))).code).toBe("dns_failure");
  });

  it("invalid_url: it cannot be delivered to", async () => {
    for (const url of ["ftp://example.com/", "example.com", "http://user:password@127.0.0.1/", ""]) {
      expect(faultOf(await transport().post(request(url)))).toMatchObject({ code: "invalid_url", durationMs: 0 });
    }
  });
});

describe("connections", () => {
  it("are kept alive and used again", async () => {
    const to = await receiver((socket) => socket.write(OK));
    const made = transport();
    for (let n = 0; n < 20; n++) expect(answerOf(await made.post(request(to.url))).status).toBe(200);
    // A second one: the first is free only one turn of the event loop after its answer.
    expect(to.connections).toBeLessThanOrEqual(2);
    expect(to.requests.length).toBe(20);
  });

  it.each([
    ["its receiver offers", OK.replace("\r\n", "\r\nkeep-alive: timeout=600\r\n"), "idleConnectionLongestMs"],
    ["is usual", OK, "idleConnectionMs"],
  ] as const)("are kept for what %s, and no longer than a limit", async (_, answer, limit) => {
    // While they are kept, there may be a second one, as above.
    for (const [ms, least, most] of [
      [60_000, 1, 2],
      [0, 5, 5],
    ] as const) {
      const to = await receiver((socket) => socket.write(answer));
      const made = transport({ limits: { ...DEFAULT_LIMITS, [limit]: ms } });
      for (let n = 0; n < 5; n++) expect(answerOf(await made.post(request(to.url))).status).toBe(200);
      expect(to.connections).toBeGreaterThanOrEqual(least);
      expect(to.connections).toBeLessThanOrEqual(most);
    }
  });

  it("are as many as there are requests under way", async () => {
    const waiting: Socket[] = [];
    const to = await receiver((socket) => {
      waiting.push(socket);
      if (waiting.length === 8) for (const each of waiting) each.write(OK);
    });
    const made = transport();
    const all = await Promise.all(Array.from({ length: 8 }, () => made.post(request(to.url))));
    expect(all.map((posted) => posted.kind)).toEqual(Array.from({ length: 8 }, () => "answer"));
    expect(to.connections).toBe(8);
  });

  it("are made anew after the receiver has restarted, and no request is sent twice", async () => {
    const first = await receiver((socket) => socket.write(OK));
    const made = transport();
    await Promise.all(Array.from({ length: 4 }, () => made.post(request(first.url)).then(answerOf)));
    await ends.splice(ends.length - 2, 1)[0]?.();
    expect(faultOf(await made.post(request(first.url))).code).toMatch(/^connection_re(?:fused|set)$/);
    const seen: string[] = [];
    const again = createHttpServer((incoming, response) => {
      seen.push(String(incoming.headers["x-number"]));
      incoming.resume().on("end", () => response.end("back"));
    });
    await listen(again, first.port);
    for (let n = 0; n < 6; n++)
      expect(answerOf(await made.post(request(first.url, { headers: { "x-number": String(n) } }))).body).toBe("back");
    expect(seen).toEqual(["0", "1", "2", "3", "4", "5"]);
  });

  it("that the receiver closes with the next request on its way give a fault, not a second request", async () => {
    const to = await receiver((socket, text) => (text.includes("x-number: 2") ? socket.resetAndDestroy() : socket.write(OK)));
    const made = transport();
    const post = (number: number) => made.post(request(to.url, { headers: { "x-number": String(number) } }));
    answerOf(await post(1));
    expect(faultOf(await post(2)).code).toBe("connection_reset");
    answerOf(await post(3));
    expect(to.requests.map((text) => /x-number: (\d)/.exec(text)?.[1])).toEqual(["1", "2", "3"]);
  });

  it("end with the transport, and so do requests under way and those that come later", async () => {
    let arrived: () => void = () => undefined;
    const bothArrived = new Promise<void>((resolve) => {
      let left = 2;
      arrived = () => --left === 0 && resolve();
    });
    const silent = await receiver(arrived);
    const made = transport();
    const connecting = transport({ resolve: () => new Promise<never>(() => undefined) });
    const posts = [made.post(request(silent.url)), made.post(request(silent.url)), connecting.post(request("http://never.example/"))];
    await bothArrived;
    await Promise.all([made.close(), connecting.close()]);
    for (const posted of await Promise.all(posts)) expect(faultOf(posted).code).toBe("interrupted");
    expect(faultOf(await made.post(request(silent.url))).code).toBe("interrupted");
    await made.close();
  });

  it.each([
    { "x-bad": "a\r\nb: c" },
    { "x-bad": "日本" },
    { "x bad": "a" },
    { "Content-Length": "0" },
    { "transfer-encoding": "chunked" },
    { host: "other.example" },
  ])("carry no request with headers %j: that costs the attempt, and the operator is told", async (headers) => {
    const to = await receiver((socket) => socket.write(OK));
    const posted = await transport().post(request(to.url, { headers }));
    expect(posted).toMatchObject({ kind: "fault", code: "unknown_fault", reason: "The attempt failed.", cause: expect.any(TypeError) });
    expect(to.connections).toBe(0);
  });
});

describe("addresses that are not public", () => {
  it("are never connected to, however they are spelt", async () => {
    let hits = 0;
    const canary = () =>
      createServer((socket) => {
        hits++;
        socket.destroy();
      });
    const port = await listen(canary());
    await listen(canary(), port, "::1");
    const made = transport({ allowLocal: false });
    for (const host of [...HOSTILE_HOSTS, "localhost", "localhost.", "a.localhost"]) {
      for (const scheme of ["http", "https"]) {
        const fault = faultOf(await made.post(request(`${scheme}://${host}:${port}/`, { deadlineMs: 1_000 })));
        expect(fault.code, host).toBe("address_blocked");
      }
    }
    for (const url of [`http://example.com@127.0.0.1:${port}/`, `http:\\\\127.0.0.1:${port}/`, `//127.0.0.1:${port}/`]) {
      expect(faultOf(await made.post(request(url))).code).toBe("invalid_url");
    }
    expect(hits).toBe(0);
  });

  it("are refused behind a name, if only one of its addresses is such", async () => {
    let hits = 0;
    const port = await listen(createServer(() => hits++));
    const answers: Record<string, string[]> = {
      "loopback.example": ["127.0.0.1"],
      "mixed.example": ["93.184.215.14", "127.0.0.1"],
      "mixed-6.example": ["2606:4700:4700::1111", "::1"],
      "mapped.example": ["::ffff:127.0.0.1"],
      "metadata.example": ["169.254.169.254"],
      "garbage.example": ["not an address"],
    };
    const made = transport({
      allowLocal: false,
      resolve: async (name) => (answers[name] ?? []).map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    });
    for (const name of Object.keys(answers))
      expect(faultOf(await made.post(request(`http://${name}:${port}/`))).code, name).toBe("address_blocked");
    expect(hits).toBe(0);
  });

  it("are not reached by a name that changes its mind", async () => {
    let hits = 0;
    const port = await listen(createServer(() => hits++));
    // A documentation address takes the place of a public one: its range is allowed, but it is unreachable.
    const publicAddress = "192.0.2.1";
    const given: string[] = [];
    const made = transport({
      limits: { ...DEFAULT_LIMITS, attemptConnectMs: 50 },
      allowLocal: false,
      allowedRanges: [`${publicAddress}/32`],
      resolve: async () => {
        const address = given.length === 0 ? publicAddress : "127.0.0.1";
        given.push(address);
        return [{ address, family: 4 }];
      },
    });
    const url = `http://rebinding.example:${port}/`;
    expect(["connect_timeout", "network_unreachable", "connection_refused"]).toContain(faultOf(await made.post(request(url))).code);
    expect(given).toEqual([publicAddress]);
    expect(faultOf(await made.post(request(url))).code).toBe("address_blocked");
    expect(given).toEqual([publicAddress, "127.0.0.1"]);
    expect(hits).toBe(0);
  });

  it("are reached where a range allows them", async () => {
    const to = await receiver((socket) => socket.write(OK));
    expect(answerOf(await transport({ allowLocal: false, allowedRanges: ["127.0.0.0/8"] }).post(request(to.url))).status).toBe(200);
    expect(faultOf(await transport({ allowLocal: false, allowedRanges: ["10.0.0.0/8"] }).post(request(to.url))).code).toBe(
      "address_blocked",
    );
  });
});
