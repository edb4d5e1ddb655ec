import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { createTestCertificate } from "../test-certificate.ts";

const SCRIPT = fileURLToPath(new URL("../../packages/cli/src/ready.mjs", import.meta.url));
const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing) close();
});

/** What the health check of a container says of a server that answers with this status. */
async function checked(status: number, encrypted: boolean): Promise<{ code: number; err: string }> {
  const server = encrypted ? createSecureServer(createTestCertificate({ hosts: ["connect.example.com"] })) : createServer();
  server.on("request", (_request, response) => response.writeHead(status).end(`status ${status}`));
  server.listen(0, "127.0.0.1");
  closing.push(() => server.close());
  await once(server, "listening");
  const env = { CARABINER_PORT: String((server.address() as AddressInfo).port), ...(encrypted ? { CARABINER_TLS_CERT: "cert.pem" } : {}) };
  return new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT], { env }, (error, _out, err) => resolve({ code: error === null ? 0 : Number(error.code), err }));
  });
}

test.each([false, true])("a container is healthy while its server is ready, with TLS: %s", async (encrypted) => {
  expect(await checked(200, encrypted)).toEqual({ code: 0, err: "" });
  expect(await checked(503, encrypted)).toEqual({ code: 1, err: "status 503\n" });
});
