import { expect, test } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";
import { startCommand } from "./started-command.ts";

test("with --json an error is one line of JSON on stderr, with what the server said; a type that is misspelt is answered with the likely ones", async () => {
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
  [["events", "list", "--json", "--limit", "0"], "It must be a whole number from 1 to 100."],
  [["events", "lists", "--json"], "unknown command 'lists'"],
  [["trigger", "payout.fialed", "--json"], 'There is no event type "payout.fialed".'],
])("wrong usage too: %j", async (args, words) => {
  const { code, out, err } = await runCommand(args);
  expect([code, out]).toEqual([EXIT_CODES.usage, ""]);
  expect(JSON.parse(err)).toMatchObject({ error: { message: expect.stringContaining(words), exit_code: 2 } });
});
