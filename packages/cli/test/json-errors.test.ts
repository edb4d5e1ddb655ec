import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";
import { startCommand } from "./started-command.ts";

test("with --json an error is one line of JSON on stderr, with the server's message; a misspelt type gets suggestions", async () => {
  const { first, terminal, ended } = await startCommand("dev", "--port", "0", "--json", "--log-level", "silent");
  const { url } = JSON.parse(first) as { url: string };
  const missing = await runCommand(["events", "get", "evt_none", "--json", "--url", url]);
  expect([missing.code, missing.out]).toEqual([EXIT_CODES.notFound, ""]);
  expect(JSON.parse(missing.err)).toEqual({
    error: {
      message: "No such event: 'evt_none'",
      advice: expect.stringContaining("List what there is"),
      status: 404,
      type: "invalid_request_error",
      code: "resource_missing",
      param: "event",
      request: expect.stringMatching(/^req_/),
      exit_code: 3,
    },
  });
  for (const args of [
    ["endpoints", "create", "http://127.0.0.1:9/x", "--events", "payout.paid,customer.craeted"],
    ["events", "publish", "customer.craeted", "--object", '{"object":"customer"}'],
  ]) {
    const misspelt = await runCommand([...args, "--url", url]);
    expect([misspelt.code, misspelt.err]).toEqual([
      EXIT_CODES.usage,
      'error: There is no event type "customer.craeted".\n  Did you mean customer.created?',
    ]);
  }
  terminal.askToStop();
  await ended;
  const away = await runCommand(["events", "list", "--json", "--url", url]);
  expect(JSON.parse(away.err)).toMatchObject({ error: { message: expect.stringContaining("Cannot reach a server"), exit_code: 4 } });
});

test.each([
  [["events", "list", "--json", "--limit", "0"], "It must be a whole number from 1 to 100.", "Add --help to see what it takes."],
  [["events", "lists", "--json"], "unknown command 'lists'", "Did you mean list?"],
  [["platforms", "list", "--json", "--dat", "x"], "unknown option '--dat'", "Did you mean --data?"],
  [["trigger", "payout.fialed", "--json"], 'There is no event type "payout.fialed".', "Did you mean payout.failed?"],
])("wrong usage too: %j", async (args, words, advice) => {
  const { code, out, err } = await runCommand(args);
  expect([code, out]).toEqual([EXIT_CODES.usage, ""]);
  expect(JSON.parse(err)).toMatchObject({ error: { message: expect.stringContaining(words), advice, exit_code: 2 } });
  expect(JSON.parse(err).error.message).not.toContain("\n");
});

test("--json includes everything that is printed without it: what to do, and what a command would have done", async () => {
  const data = mkdtempSync(join(tmpdir(), "carabiner-json-errors-"));
  try {
    const made = await runCommand(["platforms", "create", "--name", "Acme", "--data", data, "--json"]);
    const { account } = JSON.parse(made.out) as { account: string };
    const fault = async (...args: string[]): Promise<unknown> => JSON.parse((await runCommand([...args, "--json"])).err).error;
    expect(await fault("platforms", "delete", account, "--data", data)).toMatchObject({
      message: expect.stringContaining("Nothing was deleted."),
      advice: "Run it again with --yes.",
      details: expect.arrayContaining(["endpoints: 0"]),
    });
    const nowhere = join(data, "nowhere.key");
    expect(await fault("platforms", "list", "--database", "postgres://127.0.0.1:9/none", "--key-file", nowhere)).toMatchObject({
      message: `There is no key file ${nowhere}.`,
      advice: expect.stringContaining("carabiner secrets create-key"),
    });
    expect(await fault("secrets", "create-key", join(data, "secrets.key"))).toMatchObject({ advice: "Name another file." });
    for (const [args, list] of [
      [["platforms", "show", "acct_none"], "carabiner platforms list"],
      [["keys", "revoke", "key_none", "--platform", account], "carabiner keys list"],
      [["operators", "revoke", "operator_none"], "carabiner operators list"],
    ] as const)
      expect(await fault(...args, "--data", data)).toMatchObject({ advice: `List what there is: ${list}`, exit_code: 3 });
  } finally {
    rmSync(data, { recursive: true });
  }
});
