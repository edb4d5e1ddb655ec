import pc from "picocolors";
import { expect, test } from "vitest";
import { devReadyMessage, type Ready } from "./ready-message.ts";

const READY: Ready = {
  url: "http://127.0.0.1:12111",
  dashboard: "http://127.0.0.1:12111/dashboard/",
  host: "127.0.0.1",
  port: 12111,
  account: "acct_1",
  applications: { test: "ca_1", live: "ca_2" },
  keys: {
    test: { secret: "sk_test_carabinerForLocalTesting", publishable: "pk_test_carabinerForLocalTesting" },
    live: { secret: "sk_live_carabinerForLocalTesting", publishable: "pk_live_carabinerForLocalTesting" },
  },
  forwarding: null,
};
const on = (colours: boolean, env: Record<string, string> = {}) => ({
  colours: { out: pc.createColors(colours), err: pc.createColors(colours) },
  env,
});

test("the ready message gives the address, the keys, what is stored and what to try", () => {
  const text = devReadyMessage(READY, { database: null, socket: { path: "/a b/stripe.sock" } }, on(false));
  for (const part of [
    READY.url,
    "http://127.0.0.1:12111/dashboard/",
    "sk_test_carabinerForLocalTesting",
    "pk_live_carabinerForLocalTesting",
    "acct_1",
    "test ca_1   live ca_2",
    "whsec_",
    "in memory",
    "new Stripe(",
    "stripe trigger",
    "export STRIPE_CLI_UNIX_SOCKET='/a b/stripe.sock' STRIPE_API_KEY=sk_test_",
    "curl ",
  ])
    expect(text).toContain(part);
  expect(text).not.toContain("--url");
  expect(text).not.toContain("\u001b");
});

test("on another port the commands to try say so, and a database is named", () => {
  const text = devReadyMessage({ ...READY, url: "http://127.0.0.1:5", port: 5 }, { database: "/data/carabiner.db" }, on(true));
  expect(text).toContain("clock advance 3d --url http://127.0.0.1:5");
  expect(text).toContain("port: 5,");
  expect(text).toContain("/data/carabiner.db");
  expect(text).toContain("\u001b[");
});

test("it shows where events are forwarded to and the secret that signs them, and names commands in the form in which they run", () => {
  const forwarding = { endpoint: null, connectEndpoint: "we_1", secret: "whsec_carabinerForLocalTesting" };
  const npm = { npm_lifecycle_event: "start", npm_command: "start", npm_package_name: "carabiner-workspace" };
  const forward = { connectTo: "http://127.0.0.1:4242/webhook" };
  const text = devReadyMessage({ ...READY, forwarding }, { database: null, forward }, on(false, npm));
  expect(text).toMatch(/accounts' events to +http:\/\/127\.0\.0\.1:4242\/webhook\n +signing secret +whsec_carabinerForLocalTesting/);
  expect(text).toContain("npx carabiner clock advance 3d");
  expect(text).not.toContain("endpoints create");
});
