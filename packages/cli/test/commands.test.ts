import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";
import { type ServerProcess, startDevProcess } from "./dev-process.ts";

let server: ServerProcess;
let receiver: Server;
let hook: string;
/** Answers of the receiver, by path. */
const answers: Record<string, number> = { "/hook": 200, "/broken": 500 };

beforeAll(async () => {
  server = await startDevProcess({ args: ["--custom-events"] });
  receiver = createServer((request, response) => {
    request.resume();
    response.writeHead(answers[request.url ?? ""] ?? 404).end("\u001b[2Jthank you");
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
});
afterAll(async () => {
  receiver.close();
  receiver.closeAllConnections();
  expect(await server.end("SIGTERM")).toEqual({ code: 0, signal: null });
});

/** Runs a command against the server and expects it to end as told. */
async function carabiner(args: string[], code: number = EXIT_CODES.ok) {
  const run = await runCommand(args, { env: { CARABINER_URL: server.url } });
  expect({ ...run, code: run.code }, run.err).toMatchObject({ code });
  return run;
}

async function json<Answer>(...args: string[]): Promise<Answer> {
  return JSON.parse((await carabiner([...args, "--json"])).out) as Answer;
}

async function api<Answer>(path: string, form: string): Promise<Answer> {
  const response = await fetch(server.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${server.keys.test.secret}`, "content-type": "application/x-www-form-urlencoded" },
    body: form,
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Answer;
}

interface Identified {
  id: string;
}

interface Page {
  data: (Identified & { event: string; state: string; attempt_count: number })[];
  has_more: boolean;
}

describe("platforms", () => {
  test("redirect URIs are shown, and registered for the key's mode", async () => {
    const none = await carabiner(["platforms", "redirect-uris"]);
    expect(none.out).toMatch(/client id +ca_\w{32}/);
    expect(none.out).toMatch(/redirect URIs +none/);
    const uris = ["http://localhost:4242/connected", "https://example.com/connected"];
    expect((await carabiner(["platforms", "redirect-uris", ...uris])).out).toContain(uris[1]);
    expect(await json("platforms", "redirect-uris")).toMatchObject({ object: "application", livemode: false, redirect_uris: uris });
    expect(await json("platforms", "redirect-uris", "--live")).toMatchObject({ livemode: true, redirect_uris: [] });
    const refused = await carabiner(["platforms", "redirect-uris", "http://localhost:4242/connected", "--live"], EXIT_CODES.error);
    expect(refused.err).toContain("https://");
  });
});

describe("endpoints", () => {
  test("are created, shown, listed, tested, rolled and deleted", async () => {
    const created = await carabiner([
      "endpoints",
      "create",
      `${hook}/hook`,
      "--connect",
      "--events",
      "account.updated,payout.failed",
      "--description",
      "mine",
    ]);
    const id = /we_\w+/.exec(created.out)?.[0] as string;
    expect(created.out).toMatch(/kind +Connect endpoint, test mode/);
    expect(created.out).toMatch(/secret +whsec_\w{32}/);
    expect(created.err).toContain("shown this once");

    const shown = await carabiner(["endpoints", "get", id]);
    expect(shown.out).toContain("mine");
    expect(shown.out).not.toContain("whsec_");

    const listed = await carabiner(["endpoints", "list"]);
    expect(listed.out.split("\n").find((line) => line.startsWith(id))).toMatch(/Connect +enabled +healthy +account\.updated \+1 +http/);

    const tested = await carabiner(["endpoints", "test", id]);
    expect(tested.out).toMatch(/ 200 +succeeded +The endpoint answered 200 OK/);

    const rolled = await json<{ secret: string }>("endpoints", "roll", id, "--expire-after", "1h");
    expect(rolled.secret).toMatch(/^whsec_/);
    expect(created.out).not.toContain(rolled.secret);
    expect((await carabiner(["endpoints", "roll", id, "--expire-after", "90m"])).err).toContain("Both secrets sign for 1h 30m");

    expect((await carabiner(["endpoints", "delete", id])).out).toBe(`deleted  ${id}`);
    const gone = await carabiner(["endpoints", "get", id], EXIT_CODES.notFound);
    expect(gone.err).toMatch(/error: No such webhook endpoint: '.*'\n {2}404 resource_missing .*request req_\w+\n {2}List what there is/);
  });

  test("are disabled, and enabled again", async () => {
    const { id } = await json<Identified>("endpoints", "create", `${hook}/hook`);
    expect((await carabiner(["endpoints", "disable", id])).out).toMatch(/status +disabled/);
    expect((await carabiner(["endpoints", "get", id])).out).toMatch(/status +disabled/);
    expect(await json("endpoints", "enable", id)).toMatchObject({ id, status: "enabled" });
    expect((await carabiner(["endpoints", "disable", "we_none"], EXIT_CODES.notFound)).err).toContain("No such webhook endpoint");
    await carabiner(["endpoints", "delete", id]);
  });

  test("a test that fails says why, and ends with 1", async () => {
    const { id } = await json<Identified>("endpoints", "create", `${hook}/broken`);
    const { out, err } = await carabiner(["endpoints", "test", id], EXIT_CODES.error);
    expect(out).toMatch(/ 500 +status +The endpoint answered 500 Internal Server Error/);
    expect(err).toMatch(/did not take the test event\.\n {2}All about it: carabiner deliveries get dlv_\w+/);
    await carabiner(["endpoints", "delete", id]);
  });

  test("a test of a paused one says that it waits, and how to continue", async () => {
    const { id } = await json<Identified>("endpoints", "create", `${hook}/hook`);
    await carabiner(["endpoints", "pause", id]);
    const { err } = await carabiner(["endpoints", "test", id], EXIT_CODES.error);
    expect(err).toMatch(/The test event waits: the endpoint is paused\.\n {2}Send what waits: carabiner endpoints resume we_\w+/);
    await carabiner(["endpoints", "delete", id]);
  });

  test("a failing one shows since when, how, and what will happen to it; deliveries that were not sent say why", async () => {
    const { id } = await json<Identified>("endpoints", "create", `${hook}/broken`, "--events", "order.lost");
    await carabiner(["events", "publish", "order.lost", "--object", '{"id":"ord_1","object":"order"}']);
    await carabiner(["clock", "advance", "0s"]);
    const failing = await carabiner(["endpoints", "get", id]);
    expect(failing.out).toMatch(/health +failing\n/);
    expect(failing.out).toMatch(/failing +since .* UTC, 1 attempt\n/);
    expect(failing.out).toMatch(/last failure +.* UTC {2}The endpoint answered 500 Internal Server Error/);
    expect(failing.out).toMatch(/if it goes on +it is disabled after .* UTC/);
    expect((await carabiner(["endpoints", "list"])).out.split("\n").find((line) => line.startsWith(id))).toMatch(/enabled +failing /);

    await api(`/v1/webhook_endpoints/${id}`, "disabled=true");
    const disabled = await carabiner(["endpoints", "get", id]);
    expect(disabled.out).toMatch(/disabled +by its owner/);
    expect(disabled.out).not.toContain("if it goes on");
    const event = await json<Identified>("events", "publish", "order.lost", "--object", '{"id":"ord_2","object":"order"}');
    const [skipped] = (await json<Page>("deliveries", "list", "--event", event.id, "--state", "cancelled")).data;
    const shown = await carabiner(["deliveries", "get", skipped?.id as string]);
    expect(shown.out).toMatch(/why +The endpoint was disabled when the event was recorded\./);
    expect(shown.out).toContain("Never tried.");
    await carabiner(["endpoints", "delete", id]);
  });

  test("a wrong parameter is refused by the option that sets it", async () => {
    const { err } = await carabiner(["endpoints", "create", `${hook}/hook`, "--api-version", "1999-01-01"], EXIT_CODES.error);
    expect(err).toContain("error: --api-version: must be one of");
  });

  test("test and live mode are apart", async () => {
    const { id } = await json<Identified>("endpoints", "create", `${hook}/hook`, "--live");
    expect((await carabiner(["endpoints", "list", "--live"])).out).toContain(id);
    expect((await carabiner(["endpoints", "list"])).out).not.toContain(id);
    expect((await carabiner(["endpoints", "get", id], EXIT_CODES.notFound)).err).toContain("--live");
    await carabiner(["endpoints", "delete", id, "--live"]);
  });
});

describe("events and deliveries", () => {
  test("an event is published, listed, looked at and sent again; its deliveries can be followed", async () => {
    const endpoint = await json<Identified>("endpoints", "create", `${hook}/hook`);
    const event = await json<Identified & { data: { object: { weight: number } } }>(
      "events",
      "publish",
      "order.shipped",
      "--object",
      '{"id":"ord_7","object":"order","weight":2.5}',
    );
    expect(event.data.object.weight).toBe(2.5);

    const listed = await carabiner(["events", "list", "--type", "order.*", "--limit", "1"]);
    expect(listed.out.split("\n")[1]).toMatch(new RegExp(`^${event.id} +order\\.shipped +ord_7 +- +test +1 (?:pending|succeeded)`));

    await carabiner(["clock", "advance", "0s"]);
    const shown = await carabiner(["events", "get", event.id]);
    expect(shown.out).toMatch(/type +order\.shipped/);
    expect(shown.out).toMatch(new RegExp(`dlv_\\w+ +succeeded +1 +order\\.shipped +acct_\\w+ +${event.id} +${endpoint.id} +200 OK`));

    const resent = await carabiner(["events", "resend", event.id, "--endpoint", endpoint.id]);
    expect(resent.out).toContain(`sent again  ${event.id}`);
    await carabiner(["events", "resend", event.id]);
    await carabiner(["clock", "advance", "0s"]);
    const { data, has_more } = await json<Page>(
      "deliveries",
      "list",
      "--event",
      event.id,
      "--endpoint",
      endpoint.id,
      "--state",
      "succeeded",
    );
    expect([data.length, has_more]).toEqual([3, false]);
    expect(data.every((delivery) => delivery.event === event.id && delivery.attempt_count === 1)).toBe(true);

    const paged = await carabiner(["deliveries", "list", "--event", event.id, "--limit", "1"]);
    expect(paged.err).toBe(`There is more: --starting-after ${data[0]?.id}`);
    const next = await json<Page>("deliveries", "list", "--event", event.id, "--limit", "1", "--starting-after", data[0]?.id as string);
    expect(next.data[0]?.id).toBe(data[1]?.id);

    const delivery = await carabiner(["deliveries", "get", data[2]?.id as string]);
    expect(delivery.out).toMatch(/ 200 +succeeded +The endpoint answered 200 OK/);
    expect(delivery.out, "an answer cannot steer the terminal").toContain("\\u001b[2Jthank you");
    await carabiner(["endpoints", "delete", endpoint.id]);
  });

  test("the object of an event may come out of a file or from stdin", async () => {
    const directory = await mkdtemp(join(tmpdir(), "carabiner-cli-"));
    const file = join(directory, "object.json");
    await writeFile(file, '{"id":"ord_8","object":"order"}');
    expect((await carabiner(["events", "publish", "order.shipped", "--object-file", file])).out).toContain('"ord_8"');
    await rm(directory, { recursive: true });
    const { out, code } = await runCommand(["events", "publish", "order.shipped", "--object-file", "-"], {
      env: { CARABINER_URL: server.url },
      input: '{"id":"ord_9","object":"order"}',
    });
    expect([code, out.includes('"ord_9"')]).toEqual([EXIT_CODES.ok, true]);
  });

  test("events of connected accounts are listed, found and sent again with and without --account", async () => {
    const endpoint = await json<Identified>("endpoints", "create", `${hook}/hook`, "--connect", "--events", "customer.created");
    const account = await api<Identified>("/v1/accounts", "type=custom");
    const event = await json<Identified>(
      "events",
      "publish",
      "customer.created",
      "--account",
      account.id,
      "--object",
      '{"id":"cus_1","object":"customer"}',
    );
    await carabiner(["clock", "advance", "0s"]);
    expect((await carabiner(["events", "list", "--account", account.id, "--type", "customer.created"])).out).toMatch(
      new RegExp(`${event.id}.* ${account.id} `),
    );
    expect((await carabiner(["events", "list", "--type", "customer.created"])).out).toMatch(new RegExp(`${event.id}.* ${account.id} `));
    for (const named of [[], ["--account", account.id]])
      expect((await carabiner(["events", "get", event.id, ...named])).out).toMatch(/dlv_\w+ +succeeded/);
    const other = await api<Identified>("/v1/accounts", "type=custom");
    await carabiner(["events", "get", event.id, "--account", other.id], EXIT_CODES.notFound);
    expect((await carabiner(["events", "resend", event.id])).err).toMatch(/How it ends: carabiner deliveries list --event evt_\w+$/);
    await carabiner(["events", "resend", event.id, "--account", account.id]);
    await carabiner(["clock", "advance", "0s"]);
    expect((await json<Page>("deliveries", "list", "--event", event.id)).data).toHaveLength(3);
    expect((await json<Page>("deliveries", "list", "--account", account.id, "--event", event.id)).data).toHaveLength(3);
    expect((await json<Page>("deliveries", "list", "--account", other.id)).data).toEqual([]);
    await carabiner(["endpoints", "delete", endpoint.id]);
  });

  test("thin events are listed and shown together with whole ones", async () => {
    const v2 = async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
      const authorization = `Bearer ${server.keys.test.secret}`;
      const headers = { authorization, "content-type": "application/json", "stripe-version": "2026-10-28.endive" };
      const response = await fetch(server.url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      expect(response.status).toBe(200);
      return (await response.json()) as Answer;
    };
    const destination = await v2<Identified>("POST", "/v2/core/event_destinations", {
      name: "thin",
      type: "webhook_endpoint",
      event_payload: "thin",
      events_from: ["@self"],
      enabled_events: ["v1.customer.created"],
      webhook_endpoint: { url: `${hook}/broken` },
    });
    const whole = await json<Identified>("events", "publish", "customer.created", "--object", '{"id":"cus_thin","object":"customer"}');
    const listed = await carabiner(["events", "list", "--type", "v1.customer.created"]);
    expect(listed.out).toMatch(/evt_\w+ +v1\.customer\.created +cus_thin/);
    const shown = await carabiner(["events", "show", /evt_\w+/.exec(listed.out)?.[0] ?? ""]);
    expect(shown.out).toContain(`"snapshot_event": "${whole.id}"`);
    const id = destination.id.replace("ed_", "we_");
    expect(shown.out).toContain(id);

    expect((await carabiner(["endpoints", "list"])).out).toMatch(new RegExp(`${id} +account, thin +enabled`));
    const changed = await carabiner(["endpoints", "update", id, "--to", `${hook}/hook`, "--description", "told in brief"]);
    expect(changed.out).toMatch(/kind +account, thin events, test mode/);
    expect(changed.out).toMatch(/url +http:\S+\/hook\n/);
    expect(changed.out).toContain("told in brief");
    expect((await carabiner(["endpoints", "delete", id])).out).toBe(`deleted  ${id}`);
    expect((await carabiner(["endpoints", "delete", "we_none"], EXIT_CODES.notFound)).err).toContain("webhook endpoint");
  });

  test("undelivered events are counted and resent by a job, and the job is shown", async () => {
    const endpoint = await json<Identified>("endpoints", "create", `${hook}/hook`, "--events", "order.missed");
    await carabiner(["endpoints", "disable", endpoint.id]);
    await json("events", "publish", "order.missed", "--object", '{"id":"ord_1","object":"order"}');
    await carabiner(["endpoints", "enable", endpoint.id]);
    const undelivered = ["events", "resend", "--undelivered", "--since", "1h", "--endpoint", endpoint.id];
    const dry = await carabiner([...undelivered, "--dry-run"]);
    expect(dry.out).toMatch(new RegExp(`${endpoint.id} +1 +0`));
    expect(dry.out).toContain("1 would be sent again");
    expect(dry.err.split("\n").at(-1)).toBe("Nothing was sent. The same command without --dry-run sends them.");
    expect((await json<Page>("deliveries", "list", "--endpoint", endpoint.id, "--state", "succeeded")).data).toEqual([]);
    const job = await json<Identified & { status: string }>(...undelivered, "--rate", "50/s");
    expect(job).toMatchObject({ object: "resend_job", status: "succeeded", resent: 1, rate: 50 });
    await carabiner(["clock", "advance", "0s"]);
    expect((await json<Page>("deliveries", "list", "--type", "order.missed", "--status", "2xx")).data).toHaveLength(1);
    expect((await carabiner(["resend-jobs", "list"])).out).toMatch(new RegExp(`${job.id} +succeeded +100 % +1 sent again`));
    expect((await carabiner(["resend-jobs", "get", job.id])).out).toContain("as the retry policy says");
    await carabiner(["resend-jobs", "cancel", job.id], EXIT_CODES.error);
    expect((await carabiner(["events", "resend", "--undelivered"], EXIT_CODES.usage)).err).toContain("--since");
    await carabiner(["events", "resend"], EXIT_CODES.usage);
    // What only a job takes is not passed over: a dry run of one event would send it.
    const { data } = await json<{ data: { event: string }[] }>("deliveries", "list", "--endpoint", endpoint.id);
    const one = await carabiner(["events", "resend", data[0]?.event ?? "", "--dry-run", "--rate", "5"], EXIT_CODES.usage);
    expect(one.err).toContain("--dry-run, --rate: only with --undelivered, not with one event. Nothing was sent.");
    expect((await json<Page>("deliveries", "list", "--endpoint", endpoint.id)).data).toHaveLength(data.length);
    await carabiner(["endpoints", "delete", endpoint.id]);
  });

  test("an empty list is stated in words", async () => {
    expect(await carabiner(["deliveries", "list", "--live"])).toEqual({
      code: EXIT_CODES.ok,
      out: "",
      err: "No deliveries.",
    });
    expect(await carabiner(["events", "list", "--type", "payout.failed"])).toEqual({
      code: EXIT_CODES.ok,
      out: "",
      err: "No events with --type payout.failed; there are others.",
    });
    expect((await carabiner(["events", "list", "--live"])).err).toBe("No events in live mode.");
    expect((await carabiner(["events", "list", "--until", "2001-01-01"])).err).toBe("No events in this time; there are others.");
    expect((await carabiner(["deliveries", "list", "--event", "evt_none"])).err).toBe(
      "No deliveries with --event evt_none; there are others.",
    );
    expect((await json<Page>("events", "list", "--type", "payout.failed")).data).toEqual([]);
  });

  test("--undelivered shows what an endpoint has not received, until the clock brings the next try", async () => {
    const { id } = await json<Identified>("endpoints", "create", `${hook}/broken`, "--events", "order.lost");
    const event = await json<Identified>("events", "publish", "order.lost", "--object", '{"object":"order"}');
    await carabiner(["clock", "advance", "0s"]);
    const late = await carabiner(["events", "list", "--undelivered"]);
    expect(late.out).toMatch(new RegExp(`${event.id} .* 1 pending +500 Internal Server Error`));
    for (const list of [
      ["events", "list", "--undelivered"],
      ["deliveries", "list", "--state", "pending"],
    ])
      for (const [width, heads] of [
        [80, ["LAST OUTCOME"]],
        [100, ["LAST OUTCOME", "ACCOUNT"]],
      ] as const) {
        const { out } = await runCommand(list, { env: { CARABINER_URL: server.url }, width });
        for (const line of out.split("\n")) expect([...line].length).toBeLessThanOrEqual(width);
        for (const head of heads) expect(out).toContain(head);
        expect(out).toMatch(/ 500 Internal S/);
      }
    expect((await carabiner(["deliveries", "list", "--columns", "state,event-type", "--since", "1h", "--limit", "1"])).out).toBe(
      "STATE    EVENT TYPE\npending  order.lost",
    );
    expect((await carabiner(["deliveries", "list", "--columns", "nothing"], EXIT_CODES.usage)).err).toContain(
      "Choose from id, state, tries",
    );
    expect((await carabiner(["events", "list", "--since", "yesterday"], EXIT_CODES.usage)).err).toContain("It must be 1h, 2d,");
    expect((await carabiner(["events", "list", "--since", "1h", "--until", "2h"], EXIT_CODES.usage)).err).toContain("later than --until");
    answers["/broken"] = 200;
    await carabiner(["clock", "advance", "10m"]);
    answers["/broken"] = 500;
    const none = (await carabiner(["events", "list", "--undelivered", "--type", "order.lost"])).err.split("\n");
    expect(none).toEqual([
      expect.stringMatching(/^warning: The catalogue has no event type "order\.lost"\. .* --custom-events\.$/),
      "No events with --type order.lost --undelivered; there are others.",
    ]);
    await carabiner(["endpoints", "delete", id]);
  });

  test("an exhausted delivery is not shown as pending, and times are by the server's clock, which was turned", async () => {
    const { id } = await json<Identified>("endpoints", "create", `${hook}/broken`, "--events", "order.lost");
    const event = await json<Identified>("events", "publish", "order.lost", "--object", '{"object":"order"}');
    await carabiner(["clock", "advance", "4d"]);
    const listed = await carabiner(["events", "list", "--undelivered"]);
    expect(listed.out).toMatch(new RegExp(`${event.id} .* 1 exhausted +500 Internal`));
    expect(listed.out).not.toContain("pending");
    expect((await carabiner(["events", "get", event.id])).out).toMatch(/delivery +1 exhausted/);
    const ids = async (...args: string[]) =>
      (await json<Page>("deliveries", "list", "--endpoint", id, ...args)).data.map((one) => one.event);
    expect(await ids("--since", "3d")).toEqual([]);
    expect(await ids("--until", "3d")).toEqual([event.id]);
    await carabiner(["endpoints", "delete", id]);
  });
});

describe("the clock", () => {
  test("is shown, frozen, turned and released", async () => {
    expect((await carabiner(["clock", "freeze"])).out).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC {2}\(frozen/);
    const { now } = await json<{ now: number }>("clock", "show");
    expect((await json<{ now: number }>("clock", "advance", "2h30m")).now).toBe(now + 9_000);
    expect((await json<{ now: number }>("clock", "advance", "--to", String(now + 10_000))).now).toBe(now + 10_000);
    const back = await carabiner(["clock", "advance", "--to", "2001-01-01"], EXIT_CODES.error);
    expect(back.err).toContain("only moves forward");
    expect((await carabiner(["clock", "release"])).out).toContain("(running");
  });
});

test.each([
  [3_600, 0, "1h ahead"],
  [3_600, 900, "1h ahead"],
  [3_601, 0, "1h ahead"],
  [-7_200, 500, "2h behind"],
  [95, 0, "1m 35s ahead"],
])("a clock %d s ahead, asked %d ms into a second, shows as %s", async (ahead, ms, words) => {
  const now = Date.UTC(2026, 2, 1) / 1_000;
  const answering = createServer((_, response) => response.end(JSON.stringify({ now: now + ahead, frozen: false })));
  await new Promise<void>((resolve) => answering.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(answering.address() as AddressInfo).port}`;
  const { out } = await runCommand(["clock", "show", "--url", url], { now: now * 1_000 + ms });
  answering.close();
  answering.closeAllConnections();
  expect(out).toContain(`, ${words}`);
});

test("a wrong key is refused with what to do", async () => {
  const { code, err } = await runCommand(["events", "list"], {
    env: { CARABINER_URL: server.url, CARABINER_API_KEY: "sk_test_of_somebody_else" },
  });
  expect(code).toBe(EXIT_CODES.error);
  expect(err).toContain("CARABINER_API_KEY");
  expect(err).not.toContain("sk_test_of_somebody_else");
});

test("an account that is not connected is refused with what to do", async () => {
  const { err } = await carabiner(["events", "list", "--account", "acct_0000000000000000"], EXIT_CODES.error);
  expect(err).toContain("Check the account's id");
});

describe("accounts", () => {
  test("are listed and shown with what is due, since when and by when", async () => {
    const account = await api<Identified & { created: number }>(
      "/v1/accounts",
      "type=custom&country=US&capabilities[transfers][requested]=true",
    );
    const listed = await carabiner(["accounts", "list", "--limit", "1"]);
    expect(listed.out.split("\n")[1]).toMatch(new RegExp(`^${account.id} +custom +US +off +off +\\d+ (?:past )?due `));
    const shown = await carabiner(["accounts", "show", account.id]);
    expect(shown.out).toMatch(/capabilities +transfers {2}inactive/);
    expect(shown.out).toMatch(/^external_account +past due|^external_account +due/m);
    const { due } = await json<{ due: { field: string; state: string; since: number; by: number | null }[] }>(
      "accounts",
      "show",
      account.id,
    );
    expect(due.find(({ field }) => field === "external_account")).toMatchObject({ since: account.created });
    await carabiner(["accounts", "show", "acct_0000000000000000"], EXIT_CODES.error);
  });
});

describe("endpoints in use", () => {
  test("are updated, and their health is shown with why they fail and when they are disabled", async () => {
    const { id } = await json<Identified>("endpoints", "create", `${hook}/hook`, "--events", "order.lost");
    const changed = await carabiner([
      "endpoints",
      "update",
      id,
      "--to",
      `${hook}/broken`,
      "--events",
      "customer.created",
      "--description",
      "moved",
    ]);
    expect(changed.out).toMatch(/url +http:\/\/127\.0\.0\.1:\d+\/broken\n[\s\S]*events +customer\.created\n[\s\S]*description +moved/);
    await api("/v1/customers", "email=ada@example.com");
    await carabiner(["clock", "advance", "0s"]);
    expect((await carabiner(["endpoints", "health"])).out).toMatch(
      new RegExp(`${id} +enabled +failing +\\d{4}-.* 1 +500 Internal Server Error.* \\d{4}-\\d\\d-\\d\\d .*/broken`),
    );
    expect((await carabiner(["endpoints", "update", id], EXIT_CODES.usage)).err).toContain("Say what to change");
    await carabiner(["endpoints", "delete", id]);
  });
});
