import { Agent, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { AUTH, FORM, post, setup } from "../../test/http/example-server.ts";
import type { Limits } from "../limits.ts";

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const step of cleanUp.splice(0)) step();
});

async function listening(limits: Partial<Limits> = {}, trustedProxies: readonly string[] = []) {
  const made = setup(limits, trustedProxies);
  await made.app.listen({ port: 0, host: "0.0.0.0" });
  const { port } = made.app.server.address() as AddressInfo;
  return {
    ...made,
    port,
    open: (from: string, bytes = "") => open(port, from, bytes),
    ask: (from: string, path: string) => ask(port, from, path),
  };
}

interface Opened {
  socket: Socket;
  said: () => string;
  closed: Promise<void>;
}

/** Opens a connection from another address of this machine, and sends these bytes only. */
async function open(port: number, from: string, bytes: string): Promise<Opened> {
  const [connected, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let said = "";
  const socket = connect({ port, host: "127.0.0.1", localAddress: from });
  socket.on("connect", () => {
    if (bytes !== "") socket.write(bytes);
    connected.resolve();
  });
  socket.on("data", (chunk) => (said += chunk)).on("error", () => undefined);
  socket.on("close", () => {
    closed.resolve();
    connected.resolve();
  });
  cleanUp.push(() => socket.destroy());
  await connected.promise;
  return { socket, said: () => said, closed: closed.promise };
}

/** Makes a request on a new connection. Resolves with the answer's status, rejects when there is none. */
function ask(port: number, from: string, path: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const agent = new Agent({ localAddress: from });
  request({ port, host: "127.0.0.1", path, headers: AUTH, agent }, (answer) =>
    answer.resume().on("end", () => resolve(answer.statusCode ?? 0)),
  )
    .on("error", reject)
    .end();
  return promise;
}

const many = <Made>(count: number, make: (n: number) => Promise<Made>) => Promise.all(Array.from({ length: count }, (_, n) => make(n)));

/** Part of a request, as a slow client sends it. */
const UNFINISHED = [
  "",
  "GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ",
  "POST /v1/gadgets HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nname=",
];

describe("a crowd", () => {
  const FEW = { apiConnections: 64, apiConnectionsPerAddress: 16, apiConnectionsReserved: 4 };

  test.each(UNFINISHED)("that sends %j keeps nobody else out, from one address or from many", async (bytes) => {
    const { open, ask, app } = await listening(FEW);
    const crowd = await many(100, () => open("127.0.0.2", bytes));
    expect(await ask("127.0.0.1", "/health")).toBe(200);
    await Promise.all(crowd.slice(0, 84).map(({ closed }) => closed));
    await many(100, (n) => open(`127.0.0.${3 + (n % 20)}`, bytes));
    expect(await ask("127.0.0.1", "/health")).toBe(200);
    expect(await ask("127.0.0.1", "/v1/gadgets")).toBe(200);
    expect(await ask("127.0.0.2", "/v1/gadgets")).toBe(200);
    const counted = Promise.withResolvers<number>();
    app.server.getConnections((_, count) => counted.resolve(count));
    expect(await counted.promise).toBeLessThanOrEqual(64);
  });

  test("is told of in one line at a time, with how many", async () => {
    const { open, ask, lines, advance } = await listening({ ...FEW, crowdToldMs: 10_000 });
    await many(40, () => open("127.0.0.2"));
    await ask("127.0.0.1", "/health");
    const told = () => lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg.startsWith("too many connections"));
    expect(told()).toEqual([expect.objectContaining({ level: 40, refused: 0, evicted: 1, address: "127.0.0.2" })]);
    advance(10_000);
    await open("127.0.0.2");
    await ask("127.0.0.1", "/health");
    expect(told().slice(1)).toEqual([expect.objectContaining({ refused: 0, evicted: 24 })]);
  });

  test("of requests that are worked on is let finish; who has some gets no more, who has none gets in", async () => {
    const { open, ask, state } = await listening({ apiConnections: 6, apiConnectionsPerAddress: 4, apiConnectionsReserved: 2 });
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    state.hold = held;
    const { payload } = post("name=x");
    const headers = Object.entries({ ...AUTH, ...FORM, "Content-Length": String(String(payload).length), Connection: "close" });
    const bytes = `POST /v1/gadgets HTTP/1.1\r\nHost: x\r\n${headers.map((pair) => pair.join(": ")).join("\r\n")}\r\n\r\n${payload}`;
    const working: Opened[] = [];
    for (let n = 1; n <= 4; n++) {
      working.push(await open("127.0.0.2", bytes));
      await expect.poll(() => state.commits).toBe(n);
    }
    const refused = await open("127.0.0.2", bytes);
    await refused.closed;
    expect(refused.said()).toBe("");
    expect(await ask("127.0.0.3", "/health")).toBe(200);
    release();
    await Promise.all(working.map(({ closed }) => closed));
    for (const { said } of working) expect(said()).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("of a trusted proxy may be as large as the server", async () => {
    const { open, ask } = await listening(FEW, ["127.0.0.2/32"]);
    const proxied = await many(59, () => open("127.0.0.2"));
    expect(await ask("127.0.0.1", "/health")).toBe(200);
    expect(proxied.filter(({ socket }) => socket.destroyed || socket.readableEnded).length).toBe(0);
    // In the end the proxy's connections make room.
    await many(10, () => open("127.0.0.2"));
    expect(await ask("127.0.0.1", "/health")).toBe(200);
  });
});

describe("a slow client", () => {
  test("has a time for the head and one for all of its request, however steadily it drips; others are answered meanwhile", async () => {
    const { open, ask, lines } = await listening({ requestHeadTimeoutMs: 200, requestTimeoutMs: 400 });
    const slow = await many(30, (n) => open(`127.0.0.${2 + (n % 3)}`, UNFINISHED[n % 3]));
    for (const [n, { socket }] of slow.entries()) {
      if (n % 3 === 0) continue;
      const dripping = setInterval(() => socket.writable && socket.write("x"), 10);
      cleanUp.push(() => clearInterval(dripping));
    }
    let open_ = slow.length;
    for (const { closed } of slow) void closed.then(() => open_--);
    const answers: number[] = [];
    while (open_ > 0) answers.push(await ask("127.0.0.1", "/v1/gadgets"));
    expect(new Set(answers)).toEqual(new Set([200]));
    for (const [n, { said }] of slow.entries()) {
      // A client that never asked gets no answer. One that keeps sending may lose the answer to its own reset.
      expect(said()).toMatch(n % 3 === 0 ? /^$/ : /^$|^HTTP\/1\.1 408 [\s\S]*did not arrive in time/);
    }
    expect(lines.filter((line) => line.includes("request_timeout"))).toHaveLength(20);
  });

  test("that sends nothing more is closed", async () => {
    const { open } = await listening({ keepAliveMs: 20 });
    const idle = await open("127.0.0.2", "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
    await idle.closed;
    expect(idle.said()).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("that does not send the rest of its request holds up the end of the server for as long as attempts may, and no longer", async () => {
    const { app, open } = await listening();
    const begun = Promise.withResolvers<void>();
    app.server.once("request", () => begun.resolve());
    await open("127.0.0.2", UNFINISHED[2]);
    await begun.promise;
    // The clock of these tests does not wait.
    await app.close();
  });

  test.each(["/v1/gadgets", "/page"])("that does not read its answers from %s is closed", async (path) => {
    const { app, port } = await listening({ answerTimeoutMs: 50 });
    for (let n = 0; n < 60; n++) expect((await app.inject(post(`name=x&company[name]=${"y".repeat(5_000)}`))).statusCode).toBe(200);
    const gone = Promise.withResolvers<void>();
    app.server.on("connection", (socket: Socket) => socket.on("close", () => gone.resolve()));
    const client = connect({ port, host: "127.0.0.1" }).pause();
    client.on("error", () => undefined);
    cleanUp.push(() => client.destroy());
    const list = `GET ${path}?limit=100 HTTP/1.1\r\nHost: x\r\nAuthorization: ${AUTH.authorization}\r\n\r\n`;
    // As many as may wait on a connection.
    client.write(list.repeat(17));
    await gone.promise;
  });
});
