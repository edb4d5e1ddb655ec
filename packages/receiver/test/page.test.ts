import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createReceiver } from "../src/create-receiver.ts";
import { memoryInbox } from "../src/inbox/memory-inbox.ts";
import { CONNECT_SECRET, eventOf, START, thinEventOf, webhook } from "./signed-webhook.ts";
import { turnedClock } from "./turned-clock.ts";

const HOSTILE = `<script>alert("1")</script>`;

function receiver() {
  const hooks = createReceiver({
    endpoints: { connect: { secret: CONNECT_SECRET, connect: true } },
    livemode: false,
    inbox: memoryInbox(),
    clock: turnedClock(START),
    log: false,
    autoStart: false,
  });
  hooks.connect
    .on("payout.failed", { id: "dies", attempts: 1 }, () => {
      throw new Error(HOSTILE);
    })
    .on("payout.paid", () => undefined);
  return hooks;
}

let hooks: ReturnType<typeof receiver>;
beforeEach(async () => {
  hooks = receiver();
  for (const [id, type] of [
    ["evt_dead", "payout.failed"],
    ["evt_done", "payout.paid"],
  ] as const)
    await hooks.handle(webhook(eventOf(type, { id }), { at: START }));
});

const ORIGIN = "https://app.example";
const get = async (query = "", options = {}): Promise<string> =>
  (await hooks.page(options).fetch(new Request(`${ORIGIN}/admin${query}`))).text();

/** Sends the form of a button, as a browser does. */
function press(
  action: string,
  { from = { origin: ORIGIN } as Record<string, string>, writable = true, more = {} } = {},
): Promise<Response> {
  const body = new URLSearchParams({
    action,
    event: "evt_dead",
    handler: "dies",
    account: "acct_1",
    livemode: "false",
    back: "state=dead",
    ...more,
  });
  const headers = { ...from, "content-type": "application/x-www-form-urlencoded", "content-length": String(body.toString().length) };
  return hooks.page({ writable }).fetch(new Request(`${ORIGIN}/admin`, { method: "POST", headers, body: body.toString() }));
}
const states = async (): Promise<string[]> => (await hooks.work({ eventId: "evt_dead" })).map(({ state }) => state);

test("shows what failed and why, with everything escaped, and no body of an event", async () => {
  const response = await hooks.page().fetch(new Request(`${ORIGIN}/admin`));
  expect([response.status, response.headers.get("content-security-policy")]).toEqual([200, expect.stringContaining("default-src 'none'")]);
  const page = await response.text();
  expect(page).toContain("evt_dead");
  expect(page).toContain("evt_done");
  expect(page).toContain("Error: &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
  expect(page).not.toContain("<script");
  expect(page).not.toContain("Retry");
  const dead = await get("?state=dead&handler=dies");
  expect(dead).toContain("evt_dead");
  expect(dead).not.toContain("evt_done");
  expect(await get(`?event=${encodeURIComponent('"><b>')}`)).toContain('value="&quot;&gt;&lt;b&gt;"');
  expect(await get("?state=nonsense")).toContain("evt_done");
});

test("changes nothing unless it is writable, and only for forms of its own site", async () => {
  expect((await press("retry", { writable: false })).status).toBe(405);
  for (const from of [{}, { origin: "https://evil.example" }, { origin: "null" }, { origin: ORIGIN, "sec-fetch-site": "cross-site" }])
    expect((await press("retry", { from: from as Record<string, string> })).status, JSON.stringify(from)).toBe(403);
  for (const more of [{ action: "drop" }, { event: "" }, { handler: "" }, { livemode: "maybe" }])
    expect((await press("retry", { more })).status, JSON.stringify(more)).toBe(400);
  expect((await press("retry", { more: { back: "x".repeat(9_000) } })).status).toBe(413);
  expect(await states()).toEqual(["dead"]);
});

test("retries and discards one piece of work, and leads back to where it was", async () => {
  expect(await get("", { writable: true })).toContain('aria-label="Retry evt_dead for dies"');
  await press("retry", { more: { account: "acct_other" } });
  expect(await states()).toEqual(["dead"]);
  const retried = await press("retry", { from: { "sec-fetch-site": "same-origin" }, more: { back: "//evil.example" } });
  expect([retried.status, retried.headers.get("location")]).toEqual([303, "?%2F%2Fevil.example="]);
  await hooks.drain();
  expect((await hooks.work({ eventId: "evt_dead" }))[0]).toMatchObject({ state: "dead", attempts: 1 });
  const discarded = await press("discard");
  expect([discarded.status, discarded.headers.get("location")]).toEqual([303, "?state=dead"]);
  expect(await states()).toEqual(["discarded"]);
});

let server: Server | null = null;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
  server = null;
});

test.each(["before", "none"])("goes under a path of Express, with a body parser: %s", async (parser) => {
  const app = express();
  if (parser === "before") app.use(express.urlencoded({ extended: false }));
  app.use("/admin/webhooks", hooks.page({ writable: true }).node);
  server = createServer(app);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/admin/webhooks`;
  expect(await (await fetch(`${url}?state=dead`)).text()).toContain("evt_dead");
  expect(await (await fetch(url, { method: "HEAD" })).text()).toBe("");
  const form = { action: "discard", event: "evt_dead", handler: "dies", account: "acct_1", livemode: "false", back: "" };
  const answer = await fetch(url, {
    method: "POST",
    redirect: "manual",
    headers: { origin: `http://127.0.0.1:${port}` },
    body: new URLSearchParams(form),
  });
  expect(answer.status).toBe(303);
  expect(await states()).toEqual(["discarded"]);
});

test("a thin event is shown as others are, by its type and its account", async () => {
  hooks.connect.on("v2.core.account[requirements].updated", { attempts: 1 }, () => {
    throw new Error("no requirements");
  });
  await hooks.handle(webhook(thinEventOf("v2.core.account[requirements].updated", { id: "evt_thin" }), { at: START }));
  const html = await get("?event=evt_thin", { writable: true });
  expect(html).toMatch(/evt_thin<\/code><\/a><\/td><td>v2\.core\.account\[requirements\]\.updated<\/td><td>acct_1 \(test\)<\/td>/);
  expect(html).toContain("Error: no requirements");
  expect(html).toContain("Retry evt_thin for connect:v2.core.account[requirements].updated");
});
