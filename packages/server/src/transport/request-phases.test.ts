import { once } from "node:events";
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createTestCertificate } from "../../../../scripts/test-certificate.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { createHttpTransport, type HttpTransportOptions } from "./http-transport.ts";
import type { Transport } from "./transport.ts";

let ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function transport(options: Partial<HttpTransportOptions> = {}): Transport {
  const resolve = async () => [{ address: "127.0.0.1", family: 4 }];
  const made = createHttpTransport({ limits: DEFAULT_LIMITS, allowLocal: true, resolve, ...options });
  ends.push(() => made.close());
  return made;
}

const request = (url: string, deadlineMs = 5_000) => ({ url, headers: {}, body: Buffer.from("{}"), deadlineMs });

const SOME = expect.any(Number);
const NOTHING = { reused: false, dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null };

test("a connection has its phases, and so has the answer; one that is reused has none of its own", async () => {
  const port = await listen(createHttpServer((incoming, response) => incoming.resume().on("end", () => response.end("ok"))));
  const made = transport();
  const url = `http://hooks.example:${port}/`;
  const first = await made.post(request(url));
  expect(first.phases).toEqual({ ...NOTHING, dnsMs: SOME, connectMs: SOME, firstByteMs: SOME });
  const times = Object.values(first.phases ?? {}).filter((value) => typeof value === "number");
  expect(Math.min(...times)).toBeGreaterThanOrEqual(0);
  expect(times.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(first.durationMs);
  expect((await made.post(request(url))).phases).toEqual({ ...NOTHING, reused: true, firstByteMs: SOME });
});

test("a request that failed says how far it came", async () => {
  const refused = await transport().post(request("http://hooks.example:9/"));
  expect(refused).toMatchObject({ code: "connection_refused", phases: { ...NOTHING, dnsMs: SOME } });
  const silent = await listen(createHttpServer());
  const late = await transport().post(request(`http://127.0.0.1:${silent}/`, 50));
  expect(late).toMatchObject({ code: "timeout", phases: { ...NOTHING, connectMs: SOME } });
});

test("the handshake of TLS is a phase, if it succeeds", async () => {
  const certificate = createTestCertificate({ hosts: ["hooks.example"] });
  const port = await listen(createHttpsServer(certificate, (incoming, response) => incoming.resume().on("end", () => response.end())));
  const made = transport({ certificateAuthorities: [certificate.cert] });
  const phases = { ...NOTHING, dnsMs: SOME, connectMs: SOME };
  expect((await made.post(request(`https://hooks.example:${port}/`))).phases).toEqual({ ...phases, tlsMs: SOME, firstByteMs: SOME });
  expect((await made.post(request(`https://other.example:${port}/`))).phases).toEqual(phases);
});
