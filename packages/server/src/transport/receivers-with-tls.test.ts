import { constants } from "node:crypto";
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createTestCertificate } from "../../../../scripts/test-certificate.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { createHttpTransport, type HttpTransportOptions } from "./http-transport.ts";
import type { OutgoingRequest, Posted, Transport } from "./transport.ts";

let ends: (() => unknown)[] = [];
afterEach(async () => {
  const all = ends.reverse();
  ends = [];
  for (const end of all) await end();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

function transport(options: Partial<HttpTransportOptions> = {}): Transport {
  const made = createHttpTransport({ limits: DEFAULT_LIMITS, allowLocal: true, ...options });
  ends.push(() => made.close());
  return made;
}

const request = (url: string): OutgoingRequest => ({ url, headers: {}, body: Buffer.from('{"id":"evt_1"}'), deadlineMs: 5_000 });
const toLoopback = async () => [{ address: "127.0.0.1", family: 4 }];

function answerOf(posted: Posted) {
  if (posted.kind !== "answer") throw new Error(`${posted.code}: ${posted.reason}`);
  return posted;
}

function faultOf(posted: Posted) {
  if (posted.kind !== "fault") throw new Error(`answered ${posted.status}`);
  return posted;
}

describe("TLS", () => {
  async function tlsReceiver(
    certificate: { cert: string; key: string },
    more: {
      maxVersion?: "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
      minVersion?: "TLSv1";
      ciphers?: string;
      dhparam?: "auto";
      requestCert?: boolean;
    } = {},
  ) {
    const names: unknown[] = [];
    const server = createHttpsServer({ ...certificate, ...more }, (incoming, response) => {
      names.push((incoming.socket as Socket & { servername?: unknown }).servername);
      incoming.resume().on("end", () => response.end("sealed"));
    });
    server.on("tlsClientError", () => undefined);
    return { port: await listen(server), names };
  }

  it("is used, with the host's name, when the certificate is trusted", async () => {
    const certificate = createTestCertificate({ hosts: ["hooks.example"] });
    const to = await tlsReceiver(certificate);
    const made = transport({ resolve: toLoopback, certificateAuthorities: [certificate.cert] });
    expect(answerOf(await made.post(request(`https://hooks.example:${to.port}/`)))).toMatchObject({ status: 200, body: "sealed" });
    expect(to.names).toEqual(["hooks.example"]);
    const wrong = faultOf(await made.post(request(`https://other.example:${to.port}/`)));
    expect(wrong).toMatchObject({ code: "tls_failure", reason: "The certificate is for another host name." });
    // The dot at the end of a name is for name servers alone.
    expect(answerOf(await made.post(request(`https://hooks.example.:${to.port}/`)))).toMatchObject({ status: 200, body: "sealed" });
    expect(to.names).toEqual(["hooks.example", "hooks.example"]);
  });

  it("does not accept a self-signed certificate, whatever the environment says", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    ends.push(() => vi.unstubAllEnvs());
    const to = await tlsReceiver(createTestCertificate({ hosts: ["127.0.0.1"] }));
    expect(faultOf(await transport().post(request(`https://127.0.0.1:${to.port}/`)))).toMatchObject({
      code: "tls_failure",
      reason: expect.stringContaining("self-signed"),
    });
    expect(to.names).toEqual([]);
  });

  it.each([
    ["has expired", [-3, -1]],
    ["is not valid yet", [1, 3]],
  ] as const)("takes no certificate that %s", async (words, years) => {
    const certificate = createTestCertificate({ hosts: ["127.0.0.1"], years });
    const to = await tlsReceiver(certificate);
    const fault = faultOf(await transport({ certificateAuthorities: [certificate.cert] }).post(request(`https://127.0.0.1:${to.port}/`)));
    expect(fault).toMatchObject({ code: "tls_failure", reason: `The certificate ${words}.` });
  });

  it("is not older than 1.2", async () => {
    const certificate = createTestCertificate({ hosts: ["127.0.0.1"] });
    const to = await tlsReceiver(certificate, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" });
    const fault = faultOf(await transport({ certificateAuthorities: [certificate.cert] }).post(request(`https://127.0.0.1:${to.port}/`)));
    expect(fault).toMatchObject({ code: "tls_failure", reason: expect.stringContaining("TLS 1.2") });
  });

  it("names a key that is too weak, as a failure of TLS", async () => {
    const certificate = createTestCertificate({ hosts: ["127.0.0.1"], rsaBits: 1_024 });
    const to = await tlsReceiver(certificate, { ciphers: "DEFAULT:@SECLEVEL=0" });
    const fault = faultOf(await transport({ certificateAuthorities: [certificate.cert] }).post(request(`https://127.0.0.1:${to.port}/`)));
    expect(fault).toMatchObject({ code: "tls_failure", reason: expect.stringContaining("too weak") });
    expect(fault.cause).toBeUndefined();
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("of %s has no client certificate, and says so", async (maxVersion) => {
    const certificate = createTestCertificate({ hosts: ["127.0.0.1"] });
    const to = await tlsReceiver(certificate, { maxVersion, requestCert: true });
    const fault = faultOf(await transport({ certificateAuthorities: [certificate.cert] }).post(request(`https://127.0.0.1:${to.port}/`)));
    expect(fault).toMatchObject({ code: "tls_failure", reason: expect.stringContaining("asks for a client certificate") });
  });

  it("has no cipher in common, and says so", async () => {
    const certificate = createTestCertificate({ hosts: ["127.0.0.1"] });
    const to = await tlsReceiver(certificate, { maxVersion: "TLSv1.2", ciphers: "NULL:@SECLEVEL=0" });
    const fault = faultOf(await transport({ certificateAuthorities: [certificate.cert] }).post(request(`https://127.0.0.1:${to.port}/`)));
    expect(fault).toMatchObject({ code: "tls_failure", reason: expect.stringContaining("no cipher in common") });
  });

  it("does not calculate with numbers as large as the receiver likes", async () => {
    const certificate = createTestCertificate({ hosts: ["127.0.0.1"], rsaBits: 2_048 });
    const made = transport({ certificateAuthorities: [certificate.cert] });
    const post = async (ciphers: string) => {
      const to = await tlsReceiver(certificate, { maxVersion: "TLSv1.2", ciphers, dhparam: "auto" });
      return made.post(request(`https://127.0.0.1:${to.port}/`));
    };
    expect(faultOf(await post("DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-SHA256"))).toMatchObject({
      code: "tls_failure",
      reason: expect.stringContaining("no cipher in common"),
    });
    for (const ciphers of ["ECDHE-RSA-AES128-GCM-SHA256", "AES128-GCM-SHA256"]) expect(answerOf(await post(ciphers)).status).toBe(200);
  });

  it("checks a certificate that is not accepted once for all that are sent at once", async () => {
    const certificate = createTestCertificate({ hosts: ["hooks.example"] });
    let handshakes = 0;
    const server = createHttpsServer({
      ...certificate,
      SNICallback(_name, done) {
        handshakes += 1;
        done(null);
      },
    });
    server.on("tlsClientError", () => undefined);
    const port = await listen(server);
    const made = transport({ resolve: toLoopback });
    const posted = await Promise.all(Array.from({ length: 8 }, () => made.post(request(`https://hooks.example:${port}/`))));
    expect(posted.map((one) => faultOf(one).code)).toEqual(Array(8).fill("tls_failure"));
    expect(handshakes).toBe(1);
  });

  it("begins anew with a receiver that failed to resume a session", async () => {
    const certificate = createTestCertificate({ hosts: ["hooks.example"] });
    const sessions = new Set<string>();
    let resumed = 0;
    const server = createHttpsServer(
      // The receiver keeps the sessions.
      { ...certificate, maxVersion: "TLSv1.2", secureOptions: constants.SSL_OP_NO_TICKET },
      (incoming, response) => incoming.resume().on("end", () => response.setHeader("connection", "close").end()),
    );
    server.on("tlsClientError", () => undefined);
    server.on("newSession", (id: Buffer, _session, done) => {
      sessions.add(id.toString("hex"));
      done();
    });
    server.on("resumeSession", (id: Buffer, done) => {
      if (!sessions.has(id.toString("hex"))) return done(null);
      resumed += 1;
      done(new Error("The sessions cannot be read."));
    });
    const port = await listen(server);
    const made = transport({ resolve: toLoopback, certificateAuthorities: [certificate.cert] });
    const post = () => made.post(request(`https://hooks.example:${port}/`));
    expect(answerOf(await post()).status).toBe(200);
    expect(faultOf(await post()).code).toBe("connection_reset");
    expect(answerOf(await post()).status).toBe(200);
    expect(resumed).toBe(1);
  });

  it("is missed when the receiver speaks plain HTTP", async () => {
    const port = await listen(createHttpServer((_, response) => response.end()));
    expect(faultOf(await transport().post(request(`https://127.0.0.1:${port}/`)))).toMatchObject({
      code: "tls_failure",
      reason: expect.stringContaining("did not speak TLS"),
    });
  });
});
