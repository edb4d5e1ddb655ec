import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Carabiner } from "../../src/carabiner.ts";
import { resources } from "../../src/resources/resources.ts";
import { startCarabiner } from "../../src/start-carabiner.ts";

type Body = Record<string, unknown> & {
  id: string;
  data: Body[];
  has_more: boolean;
  error: { code?: string; param?: string; message: string };
};

/**
 * What one of each kind is made with, where the call that makes one is `POST` to its collection. A collection may lie
 * below an account, `/v1/accounts/:account/…`: each test then makes that account first.
 */
const SAMPLES: Readonly<Record<string, Sample>> = {
  account: { params: { type: "express", metadata: { key: "value" } } },
  bank_account: { params: { external_account: "btok_us", metadata: { key: "value" } } },
  "checkout.session": {
    params: {
      mode: "payment",
      line_items: [{ price_data: { currency: "usd", unit_amount: 2_000, product_data: { name: "Ride" } }, quantity: 1 }],
      success_url: "https://example.com/done",
      metadata: { key: "value" },
    },
  },
  coupon: { params: { percent_off: 20, metadata: { key: "value" } } },
  charge: { params: { amount: 2_000, currency: "usd", source: "tok_visa", metadata: { key: "value" } } },
  customer: { params: { description: "A customer", metadata: { key: "value" } } },
  event: { params: { type: "payout.paid", data: { object: { id: "po_1", object: "payout" } } } },
  payout: {
    params: { amount: 100, currency: "usd", metadata: { key: "value" } },
    prepare: (key) => call(key, "POST", "/v1/charges", { amount: 2_000, currency: "usd", source: "tok_bypassPending" }),
  },
  person: { params: { first_name: "Jenny", metadata: { key: "value" } } },
  payment_method: { params: { type: "card", card: { token: "tok_visa" }, metadata: { key: "value" } } },
  payment_intent: { params: { amount: 2_000, currency: "usd", metadata: { key: "value" } } },
  setup_intent: { params: { metadata: { key: "value" } } },
  plan: { params: { currency: "usd", interval: "month", amount: 2_000, product: { name: "Plan" }, metadata: { key: "value" } } },
  price: { params: { currency: "usd", unit_amount: 2_000, product_data: { name: "Ride" }, metadata: { key: "value" } } },
  product: { params: { name: "Ride", metadata: { key: "value" } } },
  promotion_code: {
    params: { promotion: { type: "coupon", coupon: "FALL" }, metadata: { key: "value" } },
    prepare: (key) => call(key, "POST", "/v1/coupons", { id: "FALL", percent_off: 20 }),
  },
  tax_rate: { params: { display_name: "VAT", inclusive: true, percentage: 19, metadata: { key: "value" } } },
  topup: { params: { amount: 2_000, currency: "usd", metadata: { key: "value" } } },
  webhook_endpoint: { params: { url: "https://example.com/hook", enabled_events: ["*"], metadata: { key: "value" } } },
};

/** Resources that are not made one by one in a collection, and the tests that hold for them instead. */
const OTHERWISE: Readonly<Record<string, string>> = {
  "v2.core.account_link": "connections/v2-account-links.test.ts",
  "v2.core.account": "v2-accounts/v2-accounts.test.ts",
  "v2.core.account_person": "persons/account-persons.test.ts",
  "v2.core.account_token": "v2-accounts/account-tokens.test.ts",
  "v2.core.account_person_token": "tokens/account-person-tokens.test.ts",
  "v2.core.event": "thin-events/thin-events.test.ts",
  "v2.core.event_destination": "event-destinations/event-destinations.test.ts",
  balance_settings: "payouts/balance-settings.test.ts",
  country_spec: "accounts/country-specs.test.ts",
  file_link: "files/file-links.test.ts",
  payment_method_domain: "checkout/payment-method-domains.test.ts",
  apple_pay_domain: "older-paths.test.ts",
  ephemeral_key: "tokens/ephemeral-keys.test.ts",
  item: "checkout/sessions.test.ts",
  payment_page: "checkout/sessions.test.ts",
  application_fee: "money/connect.test.ts",
  capability: "connected-account/requirements/capabilities.test.ts",
  "test_helpers.requirement": "onboarding/forced.test.ts",
  account_link: "connections/account-links.test.ts",
  account_session: "connections/account-links.test.ts",
  balance: "money/balance.test.ts",
  balance_transaction: "money/balance.test.ts",
  card: "external-accounts/external-accounts.test.ts",
  dispute: "money/disputes/disputes.test.ts",
  file: "files/files.test.ts",
  fee_refund: "money/connect.test.ts",
  setup_attempt: "setup-intents/setup-intents.test.ts",
  refund: "money/refunds/refunds.test.ts",
  transfer: "money/connect.test.ts",
  transfer_reversal: "money/connect.test.ts",
  login_link: "connections/account-links.test.ts",
  token: "tokens/tokens.test.ts",
};

interface Sample {
  params: object;
  /** What a platform has to do before it can make one. */
  prepare?: (key: string) => Promise<unknown>;
  /** What an account it lies below is made with. */
  account?: object;
}

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

interface Keys {
  test: { secret: string };
  live: { secret: string };
}

async function call(key: string, method: string, path: string, params?: object, headers: Record<string, string> = {}) {
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(params === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(params === undefined ? {} : { body: JSON.stringify(params) }),
  });
  return { status: response.status, body: (await response.json()) as Body, headers: response.headers };
}

async function platform(): Promise<Keys> {
  const { body } = await call(server.keys.test.secret, "POST", "/v1/test_helpers/platforms", {});
  return body.keys as Keys;
}

/** Where one is made, and what by. */
interface Place {
  key: string;
  keys: Keys;
  collection: string;
  /** The path of an operation for one object. */
  pathOf(path: string, id: string): string;
}

test("every resource has a sample to be tried with, or tests of its own", () => {
  const kinds = resources.map(({ object }) => object);
  expect(Object.keys({ ...SAMPLES, ...OTHERWISE }).sort()).toEqual([...new Set(kinds)].sort());
  for (const file of Object.values(OTHERWISE)) expect(existsSync(join(import.meta.dirname, file)), file).toBe(true);
});

const tried = resources.filter(({ object }) => SAMPLES[object] !== undefined);

describe.each(tried.map(({ object, operations }) => ({ object, operations })))("$object", ({ object, operations }) => {
  const create = operations.find(({ method, path }) => method === "POST" && !/:(?!account\/)/.test(path));
  const form = create?.path ?? "";
  const nested = form.includes(":account/");
  const { params: sample, prepare, account } = SAMPLES[object] as Sample;
  /**
   * What answers for an id that is not the caller's: for accounts, and all that lies below them, it is that the key has
   * no access.
   */
  const hidden = object === "account" || nested ? { status: 403, code: "account_invalid" } : { status: 404, code: "resource_missing" };

  async function place(): Promise<Place> {
    const keys = await platform();
    const key = keys.test.secret;
    const owner = nested ? (await call(key, "POST", "/v1/accounts", account ?? { type: "custom" })).body.id : "";
    await prepare?.(key);
    const pathOf = (path: string, id: string) => path.replace(/:account\//, `${nested ? owner : id}/`).replace(/:\w+/, id);
    return { key, keys, collection: form.replace(":account", owner), pathOf };
  }

  test("what was made is read back as it was answered", async () => {
    const { key, collection } = await place();
    const made = await call(key, "POST", collection, sample);
    expect(made).toMatchObject({ status: 200, body: { object: expect.any(String) } });
    const { secret: _, ...shown } = made.body;
    expect(await call(key, "GET", `${collection}/${made.body.id}`)).toMatchObject({ status: 200, body: shown });
  });

  test("a list is newest first, and its pages join up in both directions", async () => {
    const { key, collection } = await place();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift((await call(key, "POST", collection, sample)).body.id);
    const page = async (query: string) => {
      const { body } = await call(key, "GET", `${collection}?${query}`);
      return { object: body.object, url: body.url, ids: body.data.map(({ id }) => id), more: body.has_more };
    };
    const list = { object: "list", url: collection };
    expect(await page("")).toEqual({ ...list, ids, more: false });
    expect(await page("limit=2")).toEqual({ ...list, ids: ids.slice(0, 2), more: true });
    expect(await page(`limit=2&starting_after=${ids[1]}`)).toEqual({ ...list, ids: ids.slice(2, 4), more: true });
    expect(await page(`limit=2&starting_after=${ids[3]}`)).toEqual({ ...list, ids: ids.slice(4), more: false });
    expect(await page(`limit=2&ending_before=${ids[4]}`)).toEqual({ ...list, ids: ids.slice(2, 4), more: true });
    expect(await page(`limit=2&ending_before=${ids[2]}`)).toEqual({ ...list, ids: ids.slice(0, 2), more: false });
  });

  test("a list refuses both cursors together, and limits out of range", async () => {
    const { key, collection } = await place();
    const refused = async (query: string) => {
      const { status, body } = await call(key, "GET", `${collection}?${query}`);
      return { status, code: body.error.code, param: body.error.param };
    };
    expect(await refused("starting_after=a&ending_before=b")).toEqual({
      status: 400,
      code: "parameters_exclusive",
      param: "starting_after",
    });
    for (const limit of ["0", "101"]) expect(await refused(`limit=${limit}`)).toMatchObject({ status: 400, param: "limit" });
    expect(await refused("limit=ten")).toMatchObject({ status: 400, code: "parameter_invalid_integer" });
  });

  test("every call refuses a parameter it does not know", async () => {
    const { key, collection, pathOf } = await place();
    const { id } = (await call(key, "POST", collection, sample)).body;
    for (const { method, path } of operations) {
      const url = pathOf(path, id);
      const asked =
        method === "POST" ? await call(key, method, url, { ...sample, surprise: 1 }) : await call(key, method, `${url}?surprise=1`);
      expect(asked, `${method} ${path}`).toMatchObject({ status: 400, body: { error: { code: "parameter_unknown" } } });
    }
  });

  test("another platform sees nothing of it, and cannot change it", async () => {
    const { key, collection, pathOf } = await place();
    const other = (await platform()).test.secret;
    const { id } = (await call(key, "POST", collection, sample)).body;
    for (const { method, path } of operations.filter(({ path }) => path.includes(":"))) {
      const params = method === "POST" && path === form ? sample : path.endsWith("/reject") ? { reason: "other" } : undefined;
      const asked = await call(other, method, pathOf(path, id), params);
      expect(asked, `${method} ${path}`).toMatchObject({ status: hidden.status, body: { error: { code: hidden.code } } });
    }
    if (!nested) expect((await call(other, "GET", collection)).body.data).toEqual([]);
    const unknown = await call(other, "GET", `${collection}/${id.slice(0, -1)}~`);
    const foreign = await call(other, "GET", `${collection}/${id}`);
    expect(foreign.body.error.message.replace(id, "ID")).toBe(unknown.body.error.message.replace(`${id.slice(0, -1)}~`, "ID"));
  });

  test("the other mode's key is told so, and its list is empty", async () => {
    const { key, keys, collection } = await place();
    const { id } = (await call(key, "POST", collection, sample)).body;
    const asked = await call(keys.live.secret, "GET", `${collection}/${id}`);
    expect(asked).toMatchObject({ status: hidden.status, body: { error: { code: hidden.code } } });
    if (hidden.status === 404)
      expect(asked.body.error.message).toContain("a similar object exists in test mode, but a live mode key was used");
    const listed = await call(keys.live.secret, "GET", collection);
    if (nested) expect(listed).toMatchObject({ status: hidden.status, body: { error: { code: hidden.code } } });
    else expect(listed.body.data).toEqual([]);
  });

  test("the same idempotency key makes it once", async () => {
    const { key, collection } = await place();
    const headers = { "idempotency-key": "once" };
    const first = await call(key, "POST", collection, sample, headers);
    const again = await call(key, "POST", collection, sample, headers);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect((await call(key, "GET", collection)).body.data).toHaveLength(1);
  });

  test("a property that cannot be expanded is refused", async () => {
    const { key, collection } = await place();
    const { id } = (await call(key, "POST", collection, sample)).body;
    expect(await call(key, "GET", `${collection}/${id}?expand[]=surprise`)).toMatchObject({
      status: 400,
      body: { error: { message: "This property cannot be expanded (surprise)." } },
    });
    expect(await call(key, "GET", `${collection}?expand[]=surprise`)).toMatchObject({
      status: 400,
      body: { error: { message: "This property cannot be expanded (surprise). You may want to try expanding 'data.surprise' instead." } },
    });
  });

  test("an account without a connection cannot be acted for", async () => {
    const { key, collection } = await place();
    const asked = await call(key, "GET", collection, undefined, { "stripe-account": "acct_0000000000000000" });
    expect(asked).toMatchObject({ status: 403, body: { error: { code: "account_invalid" } } });
  });
});
