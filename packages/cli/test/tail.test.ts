import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import type { Delivery } from "../src/output/delivery.ts";
import { DeliveryWatch } from "../src/output/delivery-watch.ts";
import { runCommand } from "./captured-terminal.ts";
import { type ServerProcess, sdkOf, startDevProcess } from "./dev-process.ts";
import { followCommand } from "./followed-command.ts";
import { startReceiver } from "./receiver.ts";

let server: ServerProcess;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
const answers: Record<string, number> = {};
beforeAll(async () => {
  server = await startDevProcess();
  receiver = await startReceiver((path) => answers[path] ?? 200);
});
afterAll(async () => {
  await receiver.close();
  await server.end("SIGTERM");
});
const endpoints: string[] = [];
beforeEach(() => {
  receiver.received.length = 0;
});
afterEach(async () => {
  for (const id of endpoints.splice(0)) await sdkOf(server).webhookEndpoints.del(id);
});

const follow = (...args: string[]) => followCommand({ url: server.url }, ...args);

async function customer(email: string): Promise<void> {
  await sdkOf(server).customers.create({ email });
}

async function endpointAt(path: string): Promise<void> {
  const { id } = await sdkOf(server).webhookEndpoints.create({ url: receiver.url(path), enabled_events: ["customer.created"] });
  endpoints.push(id);
}

test("deliveries tail prints a line for each attempt, also for one that is tried again, and nothing from before", async () => {
  await endpointAt("/tail");
  await customer("before@example.com");
  await runCommand(["clock", "advance", "0s", "--url", server.url]);
  answers["/tail"] = 500;
  const tail = follow("deliveries", "tail");
  await tail.line(/^Ready/);
  await customer("during@example.com");
  expect(await tail.line(/^failed /)).toMatch(
    new RegExp(
      `^failed {5}customer\\.created {18}acct_\\w+ {2}evt_\\w+ {2}500 +\\d+ ms {2}${receiver.url("/tail")} {2}Internal Server Error\\. .* Try 2 in `,
    ),
  );
  answers["/tail"] = 200;
  await runCommand(["clock", "advance", "1h", "--url", server.url]);
  await tail.line(/^delivered /);
  await tail.stop();
  expect(tail.terminal.lines).toHaveLength(2);
});

test("deliveries tail --json prints deliveries, a line each, and --state only those that end so", async () => {
  await endpointAt("/json");
  answers["/json"] = 500;
  const tail = follow("deliveries", "tail", "--json", "--state", "exhausted");
  await tail.line(/^Ready/);
  await customer("a@example.com");
  await runCommand(["clock", "advance", "4d", "--url", server.url]);
  const line = await tail.line(/^\{/);
  await tail.stop();
  expect(JSON.parse(line)).toMatchObject({ object: "delivery", state: "exhausted", last_attempt: { status: 500 } });
  expect(tail.terminal.lines).toHaveLength(1);
});

test("listen posts signed events of the requested types to a receiver on this machine, connected accounts' events to their own address", async () => {
  const own = receiver.url("/own");
  const connect = receiver.url("/connect");
  answers["/own"] = 503;
  const listen = follow(
    ...["listen", "--forward-to", own, "--forward-connect-to", connect.replace("http://", "")],
    ...["--events", "customer.created,account.application.*"],
  );
  expect(await listen.line(/^Ready/)).toContain("whsec_carabinerForLocalTesting");
  const sdk = sdkOf(server);
  const { id } = await sdk.accounts.create({ type: "custom", country: "US" });
  await sdk.accounts.update(id, { metadata: { plan: "gold" } });
  await customer("own@example.com");
  expect(await listen.line(/^503 /)).toMatch(new RegExp(`^503 {2}customer\\.created +evt_\\w+ {2}${own}$`));
  expect(await listen.line(/^200 /)).toMatch(new RegExp(`^200 {2}account\\.application\\.authorized +${id} {2}evt_\\w+ {2}${connect}$`));
  await listen.stop();
  expect(receiver.received.map(({ path }) => path).sort()).toEqual(["/connect", "/own"]);
  for (const { body, headers } of receiver.received) {
    const event = sdk.webhooks.constructEvent(body, String(headers["stripe-signature"]), "whsec_carabinerForLocalTesting");
    expect("deliveries" in event).toBe(false);
  }
});

test("lines fit the terminal: of deliveries, of what listen posts, and of requests", async () => {
  await endpointAt("/narrow");
  answers["/narrow"] = 500;
  const gone = await startReceiver();
  const closed = gone.url("/gone");
  await gone.close();
  const commands = [
    ["deliveries", "tail"],
    ["listen", "--forward-to", closed],
    ["requests", "tail"],
  ].map((args) => followCommand({ url: server.url, width: 80 }, ...args));
  for (const command of commands) await command.line(/^Ready/);
  await customer("narrow@example.com");
  await sdkOf(server)
    .payouts.retrieve("po_none")
    .catch(() => undefined);
  const [tail, listen, requests] = commands;
  expect(await tail?.line(/^failed/)).toMatch(
    /^failed {5}customer\.created {8}acct_….{4} {2}evt_\w{24} {2}500\n {11}127\.0\.0\.1:\d+\/narrow: Internal Server Error\. Only/,
  );
  expect(await listen?.line(/customer\.created/)).toMatch(/^ {2}- {2}customer\.created .*\n {5}Nothing listens there/);
  expect(await requests?.line(/payouts/)).toMatch(/ 404 {2}GET {5}\/v1\/payouts\/po_none .*\n {10}resource_missing/);
  for (const command of commands) {
    await command.stop();
    for (const line of command.terminal.lines.flatMap((lines) => lines.split("\n"))) expect([...line].length).toBeLessThanOrEqual(80);
  }
});

test("listen says that it knows no such type, and listens", async () => {
  const listen = follow("listen", "--forward-to", receiver.url("/own"), "--events", "account.updtaed,customer.created");
  await listen.line(/^Ready/);
  await listen.stop();
  expect(listen.terminal.told[0]).toBe('warning: The catalogue has no event type "account.updtaed". Did you mean account.updated?');
  expect(listen.terminal.told).toHaveLength(2);
});

test("listen says when a local port refuses, and continues", async () => {
  const closed = await startReceiver();
  const url = closed.url("/gone");
  await closed.close();
  const listen = follow("listen", "--forward-to", url);
  await listen.line(/^Ready/);
  await customer("nobody@example.com");
  expect(await listen.line(/customer\.created/)).toMatch(
    /^ {2}- {2}customer\.created .* {2}Nothing listens there \(ECONNREFUSED\): start the receiver, or check the port\.$/,
  );
  await listen.stop();
});

test("listen warns of a type that is not in the catalogue, and still waits for it", async () => {
  const listen = follow("listen", "--forward-to", receiver.url("/own"), "--events", "payout.faild,payout.paid,account.*");
  await listen.line(/^Ready/);
  await listen.stop();
  expect(listen.terminal.told.join("\n")).toMatch(/warning: The catalogue has no event type "payout\.faild"\. Did you mean payout\.failed/);
  expect(listen.terminal.told.join("\n")).not.toMatch(/"(?:payout\.paid|account\.\*)"/);
  const listed = await runCommand(["events", "list", "--type", "payout.faild"], { env: { CARABINER_URL: server.url } });
  expect([listed.code, listed.err]).toEqual([EXIT_CODES.ok, expect.stringContaining("Did you mean payout.failed")]);
});

test.each([
  [["listen"], EXIT_CODES.usage, "Say where to: --forward-to URL"],
  [["listen", "--forward-to", "ftp://x"], EXIT_CODES.usage, "It must be an address"],
  [["listen", "--forward-to", "4242", "--url", "http://127.0.0.1:9"], EXIT_CODES.unreachable, "Cannot reach a server"],
  [["deliveries", "tail", "--url", "http://127.0.0.1:9"], EXIT_CODES.unreachable, "Cannot reach a server"],
  [["deliveries", "tail", "--account", "acct_0000000000000000"], EXIT_CODES.error, "Check the account's id"],
])("%j is refused in words", async (args, code, words) => {
  const refused = await runCommand(args, { env: { CARABINER_URL: server.url } });
  expect([refused.code, refused.out]).toEqual([code, ""]);
  expect(refused.err).toContain(words);
});

test("listen --print-secret prints the secret that is given, and ends", async () => {
  expect((await runCommand(["listen", "--print-secret"])).out).toBe("whsec_carabinerForLocalTesting");
  expect((await runCommand(["listen", "--print-secret"], { env: { CARABINER_WEBHOOK_SECRET: "whsec_mine" } })).out).toBe("whsec_mine");
});

describe("what a tail waits for", () => {
  const delivery = (n: number, attempts: number, more: Partial<Delivery> = {}): Delivery =>
    ({ id: `dlv_${n}`, state: "pending", attempt_count: attempts, next_attempt_at: n, ...more }) as Delivery;

  test("is bounded: a delivery it has no room to wait for is shown as it is", () => {
    const watch = new DeliveryWatch(1_000);
    let shown = 0;
    for (let n = 0; n < 100_000; n++) if (watch.take(delivery(n, 0))) shown++;
    expect([watch.size, shown]).toEqual([1_000, 99_000]);
  });

  test("is news with each attempt, and over with its end", () => {
    const watch = new DeliveryWatch(10);
    expect(watch.take(delivery(1, 0))).toBe(false);
    expect(watch.due(0)).toEqual([]);
    expect(watch.due(1)).toEqual(["dlv_1"]);
    expect(watch.take(delivery(1, 1, { next_attempt_at: 60 }))).toBe(true);
    expect(watch.take(delivery(1, 1, { next_attempt_at: 60 }))).toBe(false);
    expect(watch.due(59)).toEqual([]);
    expect(watch.take(delivery(1, 2, { state: "succeeded", next_attempt_at: null }))).toBe(true);
    expect(watch.size).toBe(0);
  });
});
