import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";
import { startCommand } from "./started-command.ts";

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "carabiner-forward-"));
});
afterEach(() => rm(data, { recursive: true }));

interface Ready {
  url: string;
  forwarding: { endpoint: string | null; connectEndpoint: string | null; secret: string } | null;
}

interface Endpoint {
  id: string;
  url: string;
  status: string;
  application: string | null;
}

/** Starts `dev` on the directory, does something, and stops it. */
async function withDev<T>(args: string[], work: (ready: Ready) => Promise<T>): Promise<T> {
  const { first, terminal, ended } = await startCommand("dev", "--port", "0", "--json", "--data", data, "--log-level", "silent", ...args);
  try {
    return await work(JSON.parse(first) as Ready);
  } finally {
    terminal.askToStop();
    expect(await ended).toBe(EXIT_CODES.ok);
  }
}

const endpointsOf = async ({ url }: Ready): Promise<Endpoint[]> =>
  (JSON.parse((await runCommand(["endpoints", "list", "--json", "--url", url])).out) as { data: Endpoint[] }).data;

test("each start finds its endpoints again: as many as it likes leave two, enabled, at the address of the last", async () => {
  const first = await withDev(["--forward-to", "4242/own", "--forward-connect-to", "4242/connect"], async (ready) => {
    await runCommand(["endpoints", "disable", ready.forwarding?.endpoint ?? "", "--url", ready.url]);
    return ready;
  });
  expect(first.forwarding).toMatchObject({ secret: "whsec_carabinerForLocalTesting" });
  for (let n = 0; n < 3; n++) {
    const forwarding = await withDev(
      ["--forward-to", "4242/own", "--forward-connect-to", "4242/connect"],
      async (again) => again.forwarding,
    );
    expect(forwarding).toEqual(first.forwarding);
  }
  await withDev(["--forward-connect-to", "http://localhost:4243/moved"], async (ready) => {
    expect(ready.forwarding?.connectEndpoint).toBe(first.forwarding?.connectEndpoint);
    const listed = await endpointsOf(ready);
    expect(listed.map(({ url, status, application }) => [url, status, application !== null])).toEqual([
      ["http://localhost:4243/moved", "enabled", true],
      ["http://127.0.0.1:4242/own", "enabled", false],
    ]);
  });
});

test("a deleted endpoint is created again, and an endpoint that a person registered is left alone", async () => {
  const before = await withDev(["--forward-to", "4242/own"], async (ready) => {
    await runCommand(["endpoints", "create", "http://127.0.0.1:4242/own", "--url", ready.url]);
    await runCommand(["endpoints", "delete", ready.forwarding?.endpoint ?? "", "--url", ready.url]);
    return ready.forwarding?.endpoint;
  });
  await withDev(["--forward-to", "4242/own"], async (ready) => {
    expect(ready.forwarding?.endpoint).not.toBe(before);
    expect(await endpointsOf(ready)).toHaveLength(2);
  });
});

test("the secret is given in the environment or in a file, never as an argument", async () => {
  const file = join(data, "secret");
  await writeFile(file, "whsec_from_a_file\n");
  await withDev(["--forward-to", "4242", "--webhook-secret-file", file], async ({ forwarding }) => {
    expect(forwarding?.secret).toBe("whsec_from_a_file");
  });
  const both = { CARABINER_WEBHOOK_SECRET: "whsec_from_the_environment", CARABINER_WEBHOOK_SECRET_FILE: file };
  const run = (env: Record<string, string>, ...args: string[]) => runCommand(["dev", "--port", "0", ...args], { env });
  expect(await run(both, "--forward-to", "4242")).toMatchObject({ code: EXIT_CODES.usage, err: expect.stringContaining("both set") });
  expect(await run({ CARABINER_WEBHOOK_SECRET: "sk_test" }, "--forward-to", "4242")).toMatchObject({
    code: EXIT_CODES.usage,
    err: expect.stringContaining("the webhook secret: a signing secret is whsec_"),
  });
  expect(await run({}, "--forward-to", "4242", "--webhook-secret-file", `${file}.none`)).toMatchObject({
    code: EXIT_CODES.usage,
    err: expect.stringContaining("ENOENT"),
  });
});

test.each([
  [["--forward-to", "ftp://127.0.0.1/x"], "It must be an address such as"],
  [["--forward-connect-to", "http://user:password@127.0.0.1/x"], "--forward-connect-to contains a password"],
  [["--forward-connect-to", "http://user@127.0.0.1/x"], "--forward-connect-to: "],
  [["--webhook-secret-file", import.meta.filename], "goes with --forward-to"],
])("dev %j is refused in words, and nothing is started", async (args, words) => {
  const { code, out, err } = await runCommand(["dev", "--port", "0", ...args]);
  expect([code, out]).toEqual([EXIT_CODES.usage, ""]);
  expect(err).toContain(words);
});
