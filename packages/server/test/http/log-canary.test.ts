import { Agent, request as send } from "node:http";
import { connect } from "node:net";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clockProcedures } from "../../src/console/clock.ts";
import { consoleResources } from "../../src/console/console-resources.ts";
import { platforms } from "../../src/console/platforms.ts";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { pageRoutes } from "../../src/pages/pages.ts";
import { resources } from "../../src/resources/resources.ts";
import { listenSessions } from "../../src/resources/stripe-cli/listen-sessions.ts";

/** Everything that can be asked for, but for the probes, which have no line. */
const ROUTES: readonly { method: string; path: string }[] = [
  ...[...resources, ...consoleResources, listenSessions({ enabled: true }), platforms].flatMap(({ operations }) => operations),
  ...clockProcedures(null),
  ...pageRoutes,
];
const METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"];
const CANARY = "canary";

/** What a client makes of a path on purpose or by mistake. */
const MUTATIONS: Readonly<Record<string, (path: string) => string>> = {
  "as it is": (path) => path,
  "in capitals": (path) => path.toUpperCase(),
  "with a slash at its end": (path) => `${path}/`,
  "with doubled slashes": (path) => path.replaceAll("/", "//"),
  "with an escaped letter": (path) => path.replaceAll("a", "%61"),
  "with escaped slashes": (path) => path.replaceAll("/", "%2F").replace("%2F", "/"),
  "with an escape that is none": (path) => `${path}%`,
  "with a segment too many": (path) => `${path}/${CANARY}more`,
  "with a segment too few": (path) => path.slice(0, path.lastIndexOf("/")) || "/",
  "without its first slash's folder": (path) => path.replace(/^\/[^/]*/, ""),
  "far too long": (path) => path + "x".repeat(300),
  "below a folder": (path) => `/api/${CANARY}below${path}`,
  "with dots": (path) => `/./..${path}`,
  "with a semicolon": (path) => `${path};${CANARY}=matrix`,
  "with a name in the address": (path) => `http://${CANARY}:${CANARY}@host${path}`,
};

const lines: string[] = [];
let server: Carabiner;
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
beforeAll(async () => {
  server = await startCarabiner({ log: pino({ level: "trace" }, { write: (line: string) => lines.push(line) }) });
});
afterAll(async () => {
  agent.destroy();
  await server.close();
});

/** Asks with a canary wherever there is room for one, and waits for the answer's end. */
function ask(method: string, path: string, n: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const json = n % 3 === 0;
  const authorization = n % 2 === 0 ? `Bearer ${server.keys.test.secret}` : `Bearer sk_test_${CANARY}0123456789`;
  const headers = {
    authorization,
    "content-type": json ? "application/json" : "application/x-www-form-urlencoded",
    "idempotency-key": `${CANARY}${n}`,
    "user-agent": `${CANARY}agent`,
    cookie: `${CANARY}=${CANARY}; carabiner_page=${CANARY}; carabiner_consent=${CANARY}`,
    referer: `http://host/${CANARY}`,
    origin: `http://${CANARY}.example`,
    "x-forwarded-for": `${CANARY}`,
    "x-forwarded-host": `${CANARY}`,
    [`x-${CANARY}`]: CANARY,
    ...(n % 5 === 0 ? { "stripe-account": `acct_${CANARY}` } : {}),
    ...(n % 7 === 0 ? { "stripe-version": CANARY } : {}),
  };
  const body = json
    ? JSON.stringify({ [`${CANARY}key`]: CANARY, name: CANARY })
    : `name=${CANARY}&${CANARY}key=${CANARY}&client_secret=${CANARY}`;
  const sent = method === "GET" || method === "HEAD" ? "" : body;
  // Node's client says of a DELETE or OPTIONS nothing of its body: what follows would be taken for another request.
  const framed = { ...headers, "content-length": Buffer.byteLength(sent) };
  const target = { host: server.host, port: server.port, agent, method, path: `${path}?${CANARY}=${CANARY}`, headers: framed };
  const request = send(target, (answer) => answer.resume().on("end", () => resolve(answer.statusCode ?? 0)));
  request.on("error", reject);
  request.end(sent);
  return promise;
}

/** What of a log may be a canary, however it is spelt. */
function canaries(log: string): string[] {
  const unescaped = log.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return [log, unescaped].flatMap((text) => text.match(/.{0,80}canary.{0,40}/gi) ?? []).slice(0, 5);
}

// Thousands of requests: five seconds of a processor, of which a busy machine gives little.
test("no method, spelling or position puts a path's content into the log", { timeout: 90_000 }, async () => {
  const asked: [method: string, path: string][] = [];
  for (const { method, path } of ROUTES) {
    const filled = path.replace(/:(\w+)/g, (_, name: string) => `${CANARY}${name}`);
    for (const other of METHODS) asked.push([other, filled]);
    for (const mutate of Object.values(MUTATIONS)) {
      asked.push([method, mutate(filled)]);
      if (method !== "PUT") asked.push(["PUT", mutate(filled)]);
    }
  }
  const answers = await Promise.all(asked.map(([method, path], n) => ask(method, path, n)));
  expect(answers.filter((status) => status === 400).length).toBeGreaterThan(500);
  expect(answers.filter((status) => status === 404).length).toBeGreaterThan(1_000);
  // An answer is out before its line is written.
  await ask("GET", "/health", 0);
  expect(lines.length).toBeGreaterThanOrEqual(asked.length);
  expect(canaries(lines.join(""))).toEqual([]);
  const paths = new Set(lines.map((line) => (JSON.parse(line) as { path?: string }).path));
  for (const { path } of ROUTES) expect(paths).toContain(path);
});

test.each([
  ["what is not HTTP", `${CANARY} nonsense\r\n\r\n`],
  ["a method there is not", `${CANARY.toUpperCase()} /v1/accounts HTTP/1.1\r\nHost: x\r\n\r\n`],
  ["a head that is too large", `GET /${CANARY} HTTP/1.1\r\nHost: x\r\nX-Big: ${CANARY.repeat(4_000)}\r\n\r\n`],
  ["a wrong header", `GET /${CANARY} HTTP/1.1\r\nHost: x\r\n${CANARY} ${CANARY}\r\n\r\n`],
  ["two lengths", `POST /${CANARY} HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n${CANARY}`],
  ["another protocol", `GET /${CANARY} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${CANARY}\r\n\r\n`],
  ["no host", `GET /${CANARY} HTTP/1.1\r\n\r\n`],
  ["an expectation", `POST /${CANARY} HTTP/1.1\r\nHost: x\r\nExpect: ${CANARY}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`],
  ["CONNECT", `CONNECT ${CANARY}:443 HTTP/1.1\r\nHost: ${CANARY}\r\n\r\n`],
  ["a body that ends early", `POST /v1/customers HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nname=${CANARY}`],
])("nor does %s", async (_, bytes) => {
  const before = lines.length;
  const ended = Promise.withResolvers<void>();
  const socket = connect(server.port, server.host, () => socket.end(bytes));
  socket
    .on("error", () => undefined)
    .on("close", () => ended.resolve())
    .resume();
  await ended.promise;
  await ask("GET", "/health", 0);
  expect(canaries(lines.slice(before).join(""))).toEqual([]);
});
