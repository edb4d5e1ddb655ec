import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestCertificate } from "../../../scripts/test-certificate.ts";
import { createTestDatabase } from "../../../scripts/test-database.ts";
import { certificateFindings } from "../src/doctor/check-certificate.ts";
import { checkDisk, checkFileSystem, spaceLeft, syncSpeed } from "../src/doctor/check-disk.ts";
import { checkNode } from "../src/doctor/check-node.ts";
import { checkRoles } from "../src/doctor/check-roles.ts";
import { databaseFindings } from "../src/doctor/check-store.ts";
import type { Finding } from "../src/doctor/finding.ts";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";
import { databaseOption } from "./database-option.ts";
import { startCommand } from "./started-command.ts";

let folder: string;
let data: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-doctor-"));
  data = join(folder, "data");
  expect((await runCommand(["platforms", "create", "--name", "Acme", "--data", data])).code).toBe(EXIT_CODES.ok);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the doctor on the clock of this machine, and returns what it found. */
async function doctor(...args: string[]): Promise<{ code: number; findings: Finding[]; of(check: string): Finding | undefined }> {
  const run = await runCommand(["doctor", "--json", "--port", "0", ...args], { now: Date.now() });
  const { ok, findings } = JSON.parse(run.out) as { ok: boolean; findings: Finding[] };
  expect(run.code).toBe(ok ? EXIT_CODES.ok : EXIT_CODES.error);
  return { code: run.code, findings, of: (check) => findings.findLast((finding) => finding.check === check) };
}

/** A program that answers every request with a text. */
async function startAnswering(text: string) {
  const server = createHttpServer((_request, response) => response.end(text)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    place: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

test("a healthy folder is fine, and is not changed", async () => {
  const before = readdirSync(data).sort();
  const { code, findings, of } = await doctor("--data", data);
  expect(code).toBe(EXIT_CODES.ok);
  expect(findings.map(({ check }) => check)).toEqual([
    "node",
    "database",
    "keys",
    "permissions",
    "file system",
    "disk sync",
    "clock",
    "space",
    "port",
    "egress",
  ]);
  expect(of("database")?.found).toMatch(/^SQLite 3\.\d+\.\d+, schema \d+$/);
  expect(of("disk sync")?.found).toMatch(/^[\d,]+ syncs a second$/);
  expect(of("keys")?.status).toBe("ok");
  expect(readdirSync(data).sort()).toEqual(before);
});

test("next to a running server it says so, and disturbs nothing", async () => {
  const { first, terminal, ended } = await startCommand("serve", "--data", data, "--port", "0", "--json", "--log-level", "silent");
  const { url } = JSON.parse(first) as { url: string };
  const { of } = await doctor("--data", data, "--port", new URL(url).port);
  expect(of("database")).toMatchObject({ status: "ok", found: expect.stringContaining("a server has it open") });
  expect(of("port")).toMatchObject({ status: "ok", found: `a server on this data uses ${new URL(url).host}` });
  expect((await fetch(`${url}/health`)).status).toBe(200);
  await using stranger = await startAnswering("Hello");
  await using earlier = await startAnswering(JSON.stringify({ status: "ok" }));
  await using other = await startAnswering(JSON.stringify({ status: "ok", server: "0123456789abcdef" }));
  const found = async ({ place }: { place: string }) => {
    const finding = (await doctor("--data", data, "--port", place.split(":")[1] as string)).of("port");
    return [finding?.status, finding?.found];
  };
  expect(await found(stranger)).toEqual(["failed", `${stranger.place} is in use by another program`]);
  expect(await found(other)).toEqual(["failed", `${other.place} is in use by another Carabiner server`]);
  expect(await found(earlier)).toEqual([
    "warning",
    `${earlier.place} is in use by a server of an earlier version, which may be the one that runs on this data`,
  ]);
  terminal.askToStop();
  expect(await ended).toBe(EXIT_CODES.ok);
});

test("a missing database, a key file of another database and a port in use fail, each with what to do", async () => {
  const none = await doctor("--data", join(folder, "none"));
  expect(none.of("database")).toMatchObject({ status: "failed", advice: expect.stringContaining("carabiner platforms create") });

  const other = join(folder, "other.key");
  await runCommand(["secrets", "create-key", other]);
  expect((await doctor("--data", data, "--key-file", other)).of("keys")).toMatchObject({
    status: "failed",
    found: expect.stringContaining("ey "),
  });
  expect((await doctor("--data", data, "--key-file", `${other}.none`)).of("keys")?.found).toBe(`There is no key file ${other}.none.`);
  // Nobody can look at it.
  const circle = join(data, "circle.key");
  symlinkSync(circle, circle);
  expect((await doctor("--data", data, "--key-file", circle)).of("keys")?.found).toBe(
    `The key file ${circle} cannot be read: its links lead in a circle (ELOOP).`,
  );
  expect((await runCommand(["doctor", "--data", circle])).err).toContain(
    `The control socket ${join(circle, "control.sock")} cannot be used: its links lead in a circle (ELOOP).`,
  );
  rmSync(circle);

  const server = createServer((socket) => socket.on("error", () => socket.destroy()).end("SSH-2.0-0\r\n")).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const used = await doctor("--data", data, "--port", `${port}`);
  expect(used.of("port")).toMatchObject({ status: "failed", found: `127.0.0.1:${port} is in use by another program` });

  // The same server is an endpoint that the rules refuse or allow.
  const place = `http://127.0.0.1:${port}/webhook`;
  expect((await doctor("--data", data, "--reach", place)).of("egress")).toMatchObject({
    status: "failed",
    found: expect.stringContaining("not allowed"),
  });
  const allowed = await doctor("--data", data, "--allow-network", "127.0.0.0/8", "--reach", place);
  expect(allowed.findings.filter(({ check }) => check === "egress")).toEqual([
    { check: "egress", status: "ok", found: "deliveries may go to public addresses and to 127.0.0.0/8", advice: null },
    { check: "egress", status: "ok", found: `${place} can be reached`, advice: null },
  ]);
  server.close();
  expect((await doctor("--data", data, "--allow-network", "127.0.0.0/8", "--reach", place)).of("egress")?.found).toContain("refused");
  expect((await doctor("--data", data, "--allow-network", "10.0.0.0/99")).of("egress")).toMatchObject({ status: "failed" });
  expect((await doctor("--data", data, "--allow-local-endpoints")).of("egress")).toMatchObject({ status: "warning" });
});

test("files that others can read are a warning", async () => {
  const open = join(folder, "open");
  mkdirSync(open);
  await runCommand(["platforms", "create", "--name", "Acme", "--data", open]);
  chmodSync(open, 0o755);
  const { code, of } = await doctor("--data", open);
  expect(code).toBe(EXIT_CODES.ok);
  expect(of("permissions")).toMatchObject({ status: "warning", advice: `Keep it to its owner: chmod 700 ${open}` });
});

test("a stalled machine does not count as a wrong clock of the file system; a wrong clock is reported", () => {
  const clock = (now: () => number, monotonic: () => number) =>
    checkDisk({ directory: folder, now, monotonic }).find(({ check }) => check === "clock");
  // It stalls after each write.
  let asked = 0;
  const stalled = clock(
    () => Date.now() + Math.max(0, asked - 1) * 246_934,
    () => asked++ * 246_934,
  );
  expect(stalled?.status).toBe("ok");
  for (const aheadMs of [-10_000, 10_000]) {
    const wrong = clock(() => Date.now() - aheadMs, performance.now.bind(performance));
    expect(wrong).toMatchObject({ status: "warning", found: expect.stringMatching(/by (9|10)\d{3} ms$/) });
  }
});

test("a PostgreSQL database is checked for its version, its time and its keys; an unavailable one fails", async () => {
  const database = await createTestDatabase();
  const keyFile = join(folder, "postgres.key");
  await runCommand(["secrets", "create-key", keyFile]);
  const kept = [...databaseOption(database.url), "--key-file", keyFile];
  expect((await doctor(...kept)).of("database")?.found).toMatch(/^PostgreSQL \d+\.\d+, empty$/);
  await runCommand(["platforms", "create", "--name", "Acme", ...kept]);
  const { of } = await doctor(...kept);
  expect(of("database")?.found).toMatch(/^PostgreSQL \d+\.\d+, schema \d+$/);
  expect(of("clock")).toMatchObject({ status: "ok" });
  expect(of("keys")).toMatchObject({ status: "ok" });
  expect(of("disk sync")).toBeUndefined();
  await database.drop();
  expect((await doctor(...kept)).of("database")).toMatchObject({ status: "failed", advice: expect.stringContaining("createdb") });
});

test("roles that no server has are reported, and the roles of running servers count", async () => {
  const database = await createTestDatabase();
  const keyFile = join(folder, "roles.key");
  await runCommand(["secrets", "create-key", keyFile]);
  const kept = [...databaseOption(database.url), "--key-file", keyFile];
  await runCommand(["platforms", "create", "--name", "Acme", ...kept]);
  expect((await doctor(...kept)).of("roles")).toMatchObject({ status: "ok", found: "this server: api, send, work; no other server runs" });
  expect((await doctor(...kept, "--roles", "api")).of("roles")).toEqual({
    check: "roles",
    status: "warning",
    found: "this server: api; no other server runs, so no delivery is sent; nothing that falls due is done, and nothing old is deleted",
    advice: "Start another server with --roles send,work, or leave --roles out here.",
  });
  const silent = ["--port", "0", "--json", "--log-level", "silent"];
  const other = await startCommand("serve", ...kept, ...silent, "--roles", "send", "--metrics-port", "0");
  // It is known by what it says, whatever the name of its machine.
  const { url, metrics } = JSON.parse(other.first) as { url: string; metrics: string };
  const [port, metricsPort] = [new URL(url).port, new URL(metrics).port];
  const beside = await doctor(...kept, "--port", port, "--metrics-port", metricsPort);
  expect(beside.of("port")).toMatchObject({ status: "ok", found: `a server on this data uses 127.0.0.1:${port}` });
  expect(beside.of("metrics")).toMatchObject({ status: "ok", found: `a server on this data uses 127.0.0.1:${metricsPort}` });
  await using stranger = await startAnswering("Hello");
  expect((await doctor(...kept, "--port", stranger.place.split(":")[1] as string)).of("port")?.status).toBe("failed");
  expect((await doctor(...kept, "--roles", "api")).of("roles")).toMatchObject({
    status: "warning",
    found: "this server: api; one server runs, so nothing that falls due is done, and nothing old is deleted",
  });
  other.terminal.askToStop();
  expect(await other.ended).toBe(EXIT_CODES.ok);
  expect((await doctor(...kept, "--roles", "api")).of("roles")?.found).toContain("no other server runs");
  await database.drop();
  expect((await doctor("--data", data, "--roles", "api")).of("roles")).toMatchObject({ status: "failed" });
  // A node of an earlier version does not say what it does.
  expect(checkRoles(["api"], [null]).status).toBe("ok");
});

test("the certificate's files, its time and its name are checked", async () => {
  const { cert, key } = createTestCertificate({ hosts: ["connect.example.com"], years: [-1, 2] });
  const [certFile, keyFile, otherFile] = ["tls.pem", "tls.key", "other.key"].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key);
  writeFileSync(otherFile, createTestCertificate({ hosts: ["a.example"] }).key);
  const tls = (...more: string[]) => doctor("--data", data, "--tls-cert", certFile, ...more);
  const until = `${new Date().getUTCFullYear() + 2}-01-01`;
  expect((await tls("--tls-key", keyFile)).of("certificate")).toMatchObject({
    status: "ok",
    found: `its key fits, and it is valid until ${until}`,
  });
  expect((await tls("--tls-key", otherFile)).of("certificate")).toMatchObject({
    status: "failed",
    found: `The key in ${otherFile} does not fit the certificate in ${certFile}.`,
  });
  expect((await tls("--tls-key", `${keyFile}.none`)).of("certificate")?.found).toContain(
    "cannot be read: there is no such file or folder (ENOENT)",
  );
  expect((await tls("--tls-key", keyFile, "--public-url", "https://connect.example.com")).of("certificate")?.status).toBe("ok");
  expect((await tls("--tls-key", keyFile, "--public-url", "https://b.example")).of("certificate")).toMatchObject({
    status: "warning",
    found: "it is not for b.example, the host of --public-url",
  });
  const day = 86_400_000;
  const at = (now: number) =>
    certificateFindings({ validFrom: 10 * day, validTo: 100 * day, isFor: () => true }, { now, publicUrl: undefined }).map(
      ({ status, found }) => [status, found],
    );
  expect(at(9 * day)).toEqual([["failed", "it is valid from 1970-01-11 on"]]);
  expect(at(50 * day)).toEqual([["ok", "its key fits, and it is valid until 1970-04-11"]]);
  expect(at(98.5 * day)).toEqual([["warning", "it ends on 1970-04-11, in 1 day"]]);
  expect(at(100 * day)).toEqual([["failed", "it ended on 1970-04-11"]]);
});

test("the port of the metrics is checked too", async () => {
  const server = createServer((socket) => socket.on("error", () => socket.destroy()).end()).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  expect((await doctor("--data", data, "--metrics-port", `${port}`)).of("metrics")).toEqual({
    check: "metrics",
    status: "failed",
    found: `127.0.0.1:${port} is in use by another program`,
    advice: "Take another with --metrics-port or --metrics-host.",
  });
  server.close();
  expect((await doctor("--data", data, "--metrics-port", "0")).of("metrics")?.status).toBe("ok");
});

test("measurements are judged", () => {
  const nodes = ["22.20.0", "24.14.1", "24.15.0", "25.8.0", "25.9.0", "26.0.0"].map((version) => checkNode(version).status);
  expect(nodes).toEqual(["failed", "failed", "ok", "failed", "ok", "ok"]);
  expect(syncSpeed(200, 400)).toMatchObject({ status: "ok", found: "500 syncs a second" });
  expect(syncSpeed(10, 1_000).status).toBe("warning");
  expect(syncSpeed(200, 1).status).toBe("warning");
  expect([checkFileSystem(null).status, checkFileSystem("NFS")]).toMatchObject([
    "ok",
    { status: "warning", found: expect.stringContaining("NFS") },
  ]);
  const gib = 1_073_741_824;
  expect([spaceLeft(5 * gib, 10 * gib), spaceLeft(gib / 2, 10 * gib), spaceLeft(0, 10 * gib)].map(({ status }) => status)).toEqual([
    "ok",
    "warning",
    "failed",
  ]);
  expect(spaceLeft(0, 10 * gib).found).toBe("0 B free of 10.0 GiB");
  const store = { engine: "PostgreSQL 18.4", schema: 3, knownSchema: 9, keyFault: null };
  expect(databaseFindings({ ...store, clockAheadMs: -4_000 }).map(({ status, found }) => [status, found])).toEqual([
    ["ok", "PostgreSQL 18.4, schema 3, which the next start brings to 9"],
    ["warning", "the database's clock differs from this machine's by 4000 ms"],
    ["ok", "the keys open the database's secrets"],
  ]);
});
