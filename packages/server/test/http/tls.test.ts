import { once } from "node:events";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestCertificate } from "../../../../scripts/test-certificate.ts";
import { createClientAddresses } from "../../src/api/client-address.ts";
import { createSystemClock } from "../../src/clock/system-clock.ts";
import { watchCertificate } from "../../src/http/certificate.ts";
import { createSecuredServer } from "../../src/http/secured-server.ts";
import { watchConnections } from "../../src/http/watch-connections.ts";
import { startCarabiner } from "../../src/index.ts";
import { DEFAULT_LIMITS } from "../../src/limits.ts";

let folder: string;
let tls: { certFile: string; keyFile: string };
const [first, second] = [createTestCertificate({ hosts: ["127.0.0.1"] }), createTestCertificate({ hosts: ["127.0.0.1"] })];
const { cert } = first;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-tls-"));
  tls = { certFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") };
  write(first);
});
afterAll(() => rmSync(folder, { recursive: true }));

function write({ cert, key }: { cert: string; key: string }): void {
  writeFileSync(tls.certFile, cert);
  writeFileSync(tls.keyFile, key);
}

/** The status of `GET url`, on a connection that is closed afterwards. */
async function ask(url: string, ca: string): Promise<number | undefined> {
  const request = get(url, { ca, agent: false });
  const [answer] = await once(request, "response");
  answer.resume();
  return answer.statusCode;
}

test("a server with a certificate speaks HTTPS alone, and its URLs say so", async () => {
  const server = await startCarabiner({ tls });
  try {
    expect(server.url).toBe(`https://127.0.0.1:${server.port}`);
    expect(await ask(`${server.url}/livez`, cert)).toBe(200);
    // Plain HTTP is closed without an answer.
    const plain = connect(server.port, "127.0.0.1").end("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
    const answer: string[] = [];
    plain.on("data", (chunk) => answer.push(chunk.toString("latin1"))).on("error", () => undefined);
    await once(plain, "close");
    expect(answer.join("")).not.toContain("HTTP/1.1");
    expect(await ask(`${server.url}/livez`, cert)).toBe(200);
  } finally {
    await server.close();
  }
});

test("requests count for the connection below TLS, and a renewed certificate serves the next one", async () => {
  let current = first;
  const counted: boolean[] = [];
  const clients = createClientAddresses([]);
  const connections = watchConnections({ limits: DEFAULT_LIMITS, clients, clock: createSystemClock(), log: pino({ level: "silent" }) });
  const server = createSecuredServer(
    {},
    (request, response) => {
      const work = connections.begin(request.socket);
      counted.push(work !== null);
      response.end(() => work?.done());
    },
    { current: () => current, reread: () => "unchanged" },
    connections.carries,
  );
  connections.watch(server, false);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await ask(url, first.cert)).toBe(200);
  current = second;
  expect(await ask(url, second.cert)).toBe(200);
  await expect(ask(url, first.cert)).rejects.toThrow("self-signed");
  expect(counted).toEqual([true, true]);
  server.close();
});

test("a renewed certificate is used by new connections; one that cannot be used is not, and the log says so", async () => {
  const logged: string[] = [];
  let now = 0;
  const log = {
    info: (_: object, message: string) => void logged.push(message),
    error: ({ err }: { err: Error }, message: string) => void logged.push(`${message}: ${err.message}`),
  };
  const watched = watchCertificate(tls, { now: () => now, log: log as never, checkedMs: 1_000 });
  expect(watched.current()).toEqual(first);
  write(second);
  now += 999;
  expect(watched.current()).toEqual(first);
  now += 1;
  expect(watched.current()).toEqual(second);
  writeFileSync(tls.keyFile, first.key);
  utimesSync(tls.keyFile, 1, 1);
  now += 1_000;
  expect(watched.current()).toEqual(second);
  expect(watched.reread()).toBe("unusable");
  write(second);
  expect(watched.reread()).toBe("unchanged");
  write(first);
  expect(watched.reread()).toBe("renewed");
  expect(watched.current()).toEqual(first);
  expect(logged.splice(2)).toEqual([logged[1], "using the new certificate"]);
  expect(logged).toEqual([
    "using the new certificate",
    `the new certificate cannot be used; the last one stays in use: The key in ${tls.keyFile} does not fit the certificate in ${tls.certFile}.`,
  ]);
  write(first);
});

test("a server looks at the files of its certificate at most once in certificateCheckedMs", async () => {
  for (const [certificateCheckedMs, used] of [
    [1, second],
    [24 * 3_600_000, first],
  ] as const) {
    write(first);
    const server = await startCarabiner({ tls, limits: { certificateCheckedMs } });
    try {
      expect(await ask(`${server.url}/livez`, first.cert)).toBe(200);
      write(second);
      expect(await ask(`${server.url}/livez`, used.cert)).toBe(200);
    } finally {
      await server.close();
      write(first);
    }
  }
});

test.each([
  ["a missing certificate", { certFile: "none.pem" }, /certificate .*none\.pem cannot be read: there is no such file or folder \(ENOENT\)/],
  ["a key for a certificate", { certFile: "key.pem" }, /key\.pem holds no certificate in PEM form/],
  ["a certificate for a key", { keyFile: "cert.pem" }, /cert\.pem holds no private key in PEM form/],
  ["a key of another certificate", { keyFile: "other.pem" }, /The key in .*other\.pem does not fit the certificate/],
])("%s is refused before anything is opened", async (_, files, message) => {
  writeFileSync(join(folder, "other.pem"), second.key);
  const named = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, join(folder, file)]));
  await expect(startCarabiner({ tls: { ...tls, ...named }, store: { file: join(folder, "never.db") } })).rejects.toMatchObject({
    name: "UnusableCertificate",
    message: expect.stringMatching(message),
  });
});
