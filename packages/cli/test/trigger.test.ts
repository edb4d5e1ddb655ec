import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EVENT_TYPES } from "@carabiner/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { CAUSES } from "../src/trigger/causes.ts";
import { runCommand } from "./captured-terminal.ts";
import { type ServerProcess, startDevProcess } from "./dev-process.ts";
import { startCommand } from "./started-command.ts";

interface Triggered {
  origin: string;
  event: {
    id: string;
    type: string;
    account?: string;
    data: { object: { id: string; object: string; metadata?: Record<string, string> } };
  } | null;
}

let server: ServerProcess;
beforeAll(async () => {
  server = await startDevProcess();
});
afterAll(() => server.end("SIGTERM"));

const run = (...args: string[]) => runCommand(args, { env: { CARABINER_URL: server.url } });

async function trigger(...args: string[]): Promise<Triggered> {
  const { code, out, err } = await run("trigger", ...args, "--json");
  expect(code, err).toBe(EXIT_CODES.ok);
  return JSON.parse(out) as Triggered;
}

const caused = Object.keys(CAUSES);

test.each(caused.filter((type) => CAUSES[type as "payout.failed"]?.later === undefined))("%s is caused", async (type) => {
  expect(await trigger(type)).toMatchObject({ origin: "caused", event: { type } });
});

test.each(caused.filter((type) => CAUSES[type as "payout.failed"]?.later !== undefined))("%s comes with time", async (type) => {
  expect(await trigger(type)).toMatchObject({ origin: "coming", event: null });
  const hint = await run("trigger", type);
  const [, duration = ""] = /^It comes with time: carabiner clock advance (\w+)$/.exec(hint.err) ?? [];
  await run("clock", "advance", duration);
  expect((await run("events", "list", "--type", type, "--limit", "1")).out).toContain(type);
});

test("the person that person.updated changes cannot be verified, and says why", async () => {
  const { event } = await trigger("person.updated");
  await run("clock", "advance", "3m");
  const { out } = await run("events", "list", "--type", "person.updated", "--account", event?.account ?? "", "--limit", "1", "--json");
  const [newest] = (JSON.parse(out) as { data: { id: string; data: { object: object } }[] }).data;
  expect(newest?.id).not.toBe(event?.id);
  expect(newest?.data.object).toMatchObject({ id: event?.data.object.id, verification: { status: "unverified" } });
  expect((await run("accounts", "show", event?.account ?? "")).out).toMatch(/individual\.id_number +past due .* does not match/);
});

test("every event that the server records on its own is caused", () => {
  const document = readFileSync(new URL("../../../docs/events.md", import.meta.url), "utf8");
  const recorded = [...document.matchAll(/^\| `([a-z_.]+)` \| [^|]* \| yes \|/gm)].map(([, type = ""]) => type);
  expect(recorded.length).toBeGreaterThan(50);
  expect(recorded.filter((type) => !caused.includes(type))).toEqual([]);
});

test("every other type is published with an object of its kind", async () => {
  const types = EVENT_TYPES.filter((type) => !caused.includes(type));
  const refused: string[] = [];
  for (const type of types) {
    const { code, out, err } = await run("trigger", type, "--json");
    if (code !== EXIT_CODES.ok) {
      refused.push(`${type}: ${err}`);
      continue;
    }
    const { origin, event } = JSON.parse(out) as Triggered;
    expect([origin, event?.type]).toEqual(["published", type]);
    expect(event?.data.object.object).toMatch(/^[a-z][a-z0-9_.]+$/);
  }
  expect(refused).toEqual([]);
});

test("--account causes the event on an account, and --set changes the cause or the published object", async () => {
  const made = await trigger("account.application.authorized", "--set", "country=DE");
  const account = made.event?.account as string;
  const updated = await trigger("account.updated", "--account", account, "--set", "metadata.plan=gold");
  expect(updated).toMatchObject({ origin: "caused", event: { account, data: { object: { id: account, metadata: { plan: "gold" } } } } });
  const published = await trigger("invoice.paid", "--account", account, "--set", "amount_due=5", "--set", "id=in_7");
  expect(published).toMatchObject({ origin: "published", event: { account, data: { object: { id: "in_7", amount_due: 5 } } } });
});

test("it says which event it was, and how to see what happens to it", async () => {
  const real = await run("trigger", "customer.created");
  expect(real.out).toMatch(/^caused {2}evt_\w+ {2}customer\.created {2}a customer was made$/);
  expect(real.err).toMatch(/^How it ends: carabiner deliveries list --event evt_\w+$/);
  const sample = await run("trigger", "customer.created", "--publish");
  expect(sample.out).toMatch(/^published {2}evt_\w+ {2}customer\.created {2}with a sample object$/);
  expect((await run("trigger", "--list")).out.split("\n")).toHaveLength(EVENT_TYPES.length);
});

test.each([
  [["payout.fialed"], EXIT_CODES.usage, 'error: There is no event type "payout.fialed".\n  Did you mean payout.failed?'],
  [["nothing.like.it"], EXIT_CODES.usage, "List every type with `carabiner trigger --list`."],
  [[], EXIT_CODES.usage, "Say which type of event."],
  [["payout.failed", "--set", "amount"], EXIT_CODES.usage, "It must be path=value"],
  [["payout.failed", "--account", "acct_0000000000000000"], EXIT_CODES.error, "Check the account's id"],
  [["customer.updated", "--set", "nonsense=1"], EXIT_CODES.error, "nonsense"],
  [["payout.failed", "--live"], EXIT_CODES.error, "Live mode has no test cards, so payout.failed cannot be caused there."],
])("trigger %j is refused in words", async (args, code, words) => {
  const refused = await run("trigger", ...args);
  expect([refused.code, refused.out]).toEqual([code, ""]);
  expect(refused.err).toContain(words);
});

test("nothing is caused in a live mode that is real, and no account is left there", async () => {
  const directory = mkdtempSync(join(tmpdir(), "carabiner-trigger-"));
  const data = join(directory, "data");
  const { keys } = JSON.parse((await runCommand(["platforms", "create", "--name", "Acme", "--data", data, "--json"])).out);
  const serve = await startCommand("serve", "--data", data, "--port", "0", "--json", "--log-level", "silent");
  try {
    const env = { CARABINER_URL: JSON.parse(serve.first).url, CARABINER_LIVE_API_KEY: keys.live.secret };
    const refused = await runCommand(["trigger", "payout.failed", "--live"], { env });
    expect([refused.code, refused.out]).toEqual([EXIT_CODES.error, ""]);
    expect(refused.err).toContain("This server's live mode is real, so payout.failed cannot be caused there.");
    expect(JSON.parse((await runCommand(["accounts", "list", "--live", "--json"], { env })).out).data).toEqual([]);
    const published = await runCommand(["trigger", "payout.failed", "--live", "--publish"], { env });
    expect(published.out).toMatch(/^published /);
  } finally {
    serve.terminal.askToStop();
    await serve.ended;
    rmSync(directory, { recursive: true });
  }
});
