import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../src/index.ts";

/** The official CLI against a running server: what its users type, unchanged but for the address. */
const STRIPE = join(dirname(createRequire(import.meta.url).resolve("@stripe/cli/package.json")), "..", "..", ".bin", "stripe");
const run = promisify(execFile);

let server: Carabiner;
let stripe: Stripe;
let home: string;

beforeAll(async () => {
  server = await startCarabiner();
  stripe = new Stripe(server.keys.test.secret, { host: server.host, port: server.port, protocol: "http", telemetry: false });
  home = mkdtempSync(join(tmpdir(), "carabiner-stripe-cli-"));
});

afterAll(async () => {
  await server.close();
  rmSync(home, { recursive: true });
});

async function cli(...args: string[]): Promise<string> {
  const { stdout } = await run(STRIPE, [...args, "--api-base", server.url], {
    timeout: 20_000,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      XDG_CONFIG_HOME: home,
      STRIPE_API_KEY: server.keys.test.secret,
      STRIPE_CLI_TELEMETRY_OPTOUT: "1",
      // The CLI looks for newer versions of itself: through a proxy that is not there, so that nothing leaves the
      // machine.
      HTTPS_PROXY: "http://127.0.0.1:9",
    },
  });
  return stdout;
}

const recorded = async (account?: string) =>
  (await stripe.events.list({ limit: 100 }, account === undefined ? {} : { stripeAccount: account })).data.map(({ type }) => type);

/** The types of events that a trigger makes on the platform, the oldest first. */
async function triggered(trigger: string): Promise<string[]> {
  const [last] = (await stripe.events.list({ limit: 1 })).data;
  expect(await cli("trigger", trigger)).toContain("Trigger succeeded!");
  const { data } = await stripe.events.list({ limit: 100, ...(last === undefined ? {} : { ending_before: last.id }) });
  return data.map(({ type }) => type).reverse();
}

describe("stripe trigger", () => {
  test("account.updated makes an account and changes it", async () => {
    expect(await cli("trigger", "account.updated")).toContain("Trigger succeeded!");
    const [account] = (await stripe.accounts.list({ limit: 1 })).data;
    expect(await recorded(account?.id)).toEqual(["account.updated", "account.application.authorized"]);
  });

  test("account.application.deauthorized makes an account and deletes it", async () => {
    expect(await cli("trigger", "account.application.deauthorized")).toContain("Trigger succeeded!");
  });
});

describe("stripe trigger, of money", () => {
  /** Each with the events it makes on the platform, oldest first; those of accounts left out. */
  test.each([
    ["balance.available", ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "balance.available"]],
    [
      "charge.captured",
      [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
      ],
    ],
    ["charge.failed", ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]],
    ["charge.refunded", ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "refund.created", "charge.refunded"]],
    [
      "charge.refund.updated",
      [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "refund.created",
        "charge.refunded",
        "refund.updated",
        "charge.refund.updated",
      ],
    ],
    ["charge.succeeded", ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]],
    [
      "payment_intent.amount_capturable_updated",
      ["payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated"],
    ],
    ["payment_intent.canceled", ["payment_intent.created", "payment_intent.canceled"]],
    ["payment_intent.created", ["payment_intent.created"]],
    ["payment_intent.payment_failed", ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]],
    ["payment_intent.requires_action", ["payment_intent.created", "payment_intent.requires_action"]],
    ["payment_intent.succeeded", ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]],
    ["topup.created", ["topup.created"]],
    [
      "transfer.created",
      ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "balance.available", "transfer.created"],
    ],
    [
      "transfer.reversed",
      [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "balance.available",
        "transfer.created",
        "transfer.reversed",
        "balance.available",
      ],
    ],
    [
      "transfer.updated",
      [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "balance.available",
        "transfer.created",
        "transfer.updated",
      ],
    ],
  ])("%s succeeds", async (trigger, expected) => {
    expect(await triggered(trigger)).toEqual(expected);
  });

  /** Money of the platform's is taken back and given up, whatever was there before. */
  test.each([
    ["charge.dispute.created", []],
    ["charge.dispute.updated", ["charge.dispute.updated"]],
    ["charge.dispute.closed", ["charge.dispute.closed"]],
  ])("%s succeeds", async (trigger, more) => {
    expect(await triggered(trigger)).toEqual([
      "payment_intent.created",
      "charge.succeeded",
      "charge.dispute.created",
      "charge.updated",
      "payment_intent.succeeded",
      ...more,
    ]);
  });

  test.each(["payout.created", "payout.updated"])("%s makes a payout of the platform", async (event) => {
    expect(await cli("trigger", event)).toContain("Trigger succeeded!");
    expect((await recorded())[0]).toBe(event);
  });
});

describe("stripe trigger, of what customers pay with", () => {
  test.each([
    ["customer.created", ["customer.created"]],
    ["customer.deleted", ["customer.created", "customer.deleted"]],
    ["customer.updated", ["customer.created", "customer.updated"]],
    ["customer.source.created", ["customer.created", "customer.source.created", "customer.updated"]],
    ["customer.source.updated", ["customer.created", "customer.source.created", "customer.updated", "customer.source.updated"]],
    ["payment_method.attached", ["customer.created", "payment_method.attached"]],
    ["payment_method.detached", ["customer.created", "payment_method.attached", "payment_method.detached"]],
    [
      "payment_method.updated",
      ["customer.created", "setup_intent.created", "payment_method.attached", "setup_intent.succeeded", "payment_method.updated"],
    ],
    ["setup_intent.canceled", ["setup_intent.created", "setup_intent.canceled"]],
    ["setup_intent.created", ["setup_intent.created"]],
    ["setup_intent.requires_action", ["setup_intent.created", "setup_intent.requires_action"]],
    ["setup_intent.setup_failed", ["setup_intent.created", "setup_intent.setup_failed"]],
    ["setup_intent.succeeded", ["setup_intent.created", "setup_intent.succeeded"]],
  ])("%s succeeds", async (trigger, expected) => {
    expect(await triggered(trigger)).toEqual(expected);
  });
});

describe("the fixtures that make the other events happen", () => {
  const FIXTURES = join(import.meta.dirname, "../../../examples/fixtures");

  test.each(readdirSync(FIXTURES).filter((file) => file.endsWith(".json")))("%s", async (file) => {
    const event = file.replace(/\.json$/, "");
    expect(await cli("trigger", join(FIXTURES, file))).toContain("Trigger succeeded!");
    const [account] = (await stripe.accounts.list({ limit: 1 })).data;
    const told = await recorded(event.startsWith("account.") ? account?.id : undefined);
    expect(told).toContain(event);
  });

  test("leave the platform's bank account in order", async () => {
    await cli("trigger", join(FIXTURES, "payout.failed.json"));
    const { data } = await stripe.accounts.listExternalAccounts(server.account);
    expect(data.map(({ status }) => status)).toEqual(["new"]);
  });
});
