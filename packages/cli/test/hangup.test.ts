import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLI, programForTests } from "../../../scripts/program-for-tests.ts";
import { createTestCertificate } from "../../../scripts/test-certificate.ts";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";
import { startCommand } from "./started-command.ts";

const MAIN = programForTests(CLI);
const [first, second] = [createTestCertificate({ hosts: ["127.0.0.1"] }), createTestCertificate({ hosts: ["127.0.0.1"] })];

let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "carabiner-hangup-"));
  expect((await runCommand(["platforms", "create", "--name", "Acme", "--data", directory])).code).toBe(EXIT_CODES.ok);
});
afterAll(() => rmSync(directory, { recursive: true }));

function ask(url: string, ca: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(`${url}/livez`, { ca, agent: false }, (answer) => resolve(answer.resume().statusCode))
      .on("error", reject)
      .end();
  });
}

test("at SIGHUP serve reads its certificate again, and continues", async () => {
  const [certFile, keyFile] = [join(directory, "tls.pem"), join(directory, "tls.key")];
  const write = ({ cert, key }: { cert: string; key: string }): void => {
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key);
  };
  write(first);
  // The server does not check the files on its own during the test.
  const args = ["--tls-cert", certFile, "--tls-key", keyFile, "--limit", "certificateCheckedMs=1d", "--port", "0", "--json"];
  const server = spawn(process.execPath, [MAIN, "serve", "--data", directory, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const exit = once(server, "exit");
  const lines = createInterface({ input: server.stderr })[Symbol.asyncIterator]();
  const reloaded = async (): Promise<unknown> => {
    server.kill("SIGHUP");
    for (;;) {
      const { code, certificate } = JSON.parse(String((await lines.next()).value)) as { code: string; certificate: unknown };
      if (code === "server.reloaded") return certificate;
    }
  };
  try {
    const [said] = (await once(server.stdout, "data")) as [Buffer];
    const { url } = JSON.parse(said.toString()) as { url: string };
    expect(await ask(url, first.cert)).toBe(200);
    expect(await reloaded()).toBe("unchanged");
    write(second);
    expect(await ask(url, first.cert)).toBe(200);
    expect(await reloaded()).toBe("renewed");
    expect(await ask(url, second.cert)).toBe(200);
    writeFileSync(certFile, "none");
    expect(await reloaded()).toBe("unusable");
    expect(await ask(url, second.cert)).toBe(200);
  } finally {
    server.kill("SIGTERM");
  }
  expect(await exit).toEqual([EXIT_CODES.ok, null]);
});

test("without TLS it also continues; it stops when its terminal has closed, and dev stops at every SIGHUP", async () => {
  const quiet = ["--port", "0", "--json", "--log-level", "silent"];
  const serve = await startCommand("serve", "--data", directory, ...quiet);
  serve.terminal.hangUp(false);
  expect((await fetch(`${(JSON.parse(serve.first) as { url: string }).url}/livez`)).status).toBe(200);
  serve.terminal.hangUp(true);
  expect(await serve.ended).toBe(EXIT_CODES.ok);
  const dev = await startCommand("dev", ...quiet);
  dev.terminal.hangUp(false);
  expect(await dev.ended).toBe(EXIT_CODES.ok);
});
