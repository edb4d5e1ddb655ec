import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { connect, withRedirects } from "../../pages/oauth/consent.ts";
import { client, ownKeys, type Platform, platformOfItsOwn } from "../../platform-of-its-own.ts";

const folder = mkdtempSync(join(tmpdir(), "disconnect-"));
const socketPath = join(folder, "control.sock");
let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner({ controlSocket: socketPath });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** Deletes a platform, as its operator. */
async function deletePlatform({ account }: Platform): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  request({ socketPath, method: "POST", path: `/operator/platforms/${account}/delete`, headers }, (answer) => resolve(text(answer)))
    .on("error", reject)
    .end(JSON.stringify({ confirm: account }));
  return JSON.parse(await promise);
}

const platform = async () => withRedirects(await platformOfItsOwn(server));
const force = (stripe: Stripe, account: string, what: string, params = {}) =>
  stripe.rawRequest("POST", `/v1/test_helpers/accounts/${account}/${what}`, params);
const leave = ({ test: stripe }: Platform, account: string) => force(stripe, account, "deauthorize");

/** A Standard account that can be paid out, paused by the platform, and what it sees of itself. */
async function pausedAccount({ test: stripe }: Platform) {
  const { id } = await stripe.accounts.create({ type: "standard" });
  await force(stripe, id, "complete_onboarding");
  const own = client(server, (await ownKeys(stripe, id)).test.secret);
  await force(stripe, id, "pause", { payments: true, payouts: true });
  const seen = async () => {
    const { charges_enabled, payouts_enabled, requirements } = await own.accounts.retrieveCurrent();
    return { charges_enabled, payouts_enabled, disabled_reason: requirements?.disabled_reason };
  };
  return { id, own, seen };
}
const PAUSED = { charges_enabled: false, payouts_enabled: false, disabled_reason: "platform_paused" };
const ENABLED = { charges_enabled: true, payouts_enabled: true, disabled_reason: null };

describe("the pauses of a platform that an account leaves", () => {
  test("end, which the account is told, and do not come back with another connection", async () => {
    const p = await platform();
    const { id, own, seen } = await pausedAccount(p);
    expect(await seen()).toEqual(PAUSED);
    await leave(p, id);
    expect(await seen()).toEqual(ENABLED);
    const told = (await own.events.list({ type: "account.updated", limit: 1 })).data[0];
    expect(told?.data.previous_attributes).toMatchObject({ charges_enabled: false, payouts_enabled: false });
    expect(await connect(server, p, "test", { action: "connect", account: id })).toBe(id);
    expect(await seen()).toEqual(ENABLED);
  });

  test("stay while the platform has another connection, and when another platform is left", async () => {
    const [p, q] = [await platform(), await platform()];
    const { id, seen } = await pausedAccount(p);
    await connect(server, q, "test", { action: "connect", account: id });
    await leave(q, id);
    expect(await seen()).toEqual(PAUSED);
    const { live } = await ownKeys(p.test, id);
    await connect(server, p, "live", { action: "connect", secret_key: live.secret, account: id });
    await leave(p, id);
    expect(await seen()).toEqual(PAUSED);
  });

  test("are each its own: another platform's stays", async () => {
    const [p, q] = [await platform(), await platform()];
    const { id, seen } = await pausedAccount(p);
    await connect(server, q, "test", { action: "connect", account: id });
    await force(q.test, id, "pause", { payouts: true });
    await leave(p, id);
    expect(await seen()).toEqual({ charges_enabled: true, payouts_enabled: false, disabled_reason: "platform_paused" });
    await leave(q, id);
    expect(await seen()).toEqual(ENABLED);
  });

  test("end when the platform is deleted, which the account is told", async () => {
    const p = await platform();
    const { own, seen } = await pausedAccount(p);
    expect(await deletePlatform(p)).toMatchObject({ deleted: true, accounts_disconnected: 1 });
    await vi.waitFor(async () => expect(await seen()).toEqual(ENABLED));
    const told = (await own.events.list({ type: "account.updated", limit: 1 })).data[0];
    expect(told?.data.previous_attributes).toMatchObject({ charges_enabled: false, payouts_enabled: false });
  });

  test("end without making the account a customer of the platform again", async () => {
    const p = await platform();
    const { id, own } = await pausedAccount(p);
    await p.test.v2.core.accounts.update(id, { configuration: { customer: {} } });
    const { id: customer } = await p.test.customers.retrieve(id);
    await leave(p, id);
    const left = await p.test.customers.retrieve(customer);
    expect(left).toMatchObject({ id: customer, customer_account: null });
    await own.rawRequest("POST", "/v1/balance_settings", { payments: { payouts: { statement_descriptor: "RIDES" } } });
    expect(await p.test.customers.retrieve(customer)).toEqual(left);
    expect((await own.accounts.retrieveCurrent()).id).toBe(id);
  });
});
