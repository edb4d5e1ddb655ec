import { hash } from "node:crypto";
import { expect, test } from "vitest";
import { secretId } from "../resources/access/secret-row.ts";
import type { AccountRow, ConnectionRow, KeyRow, ObjectRow } from "../store/contract/rows.ts";
import type { Reads } from "../store/contract/transaction.ts";
import { authenticate, keyOf, turnOf, turnOfAddress } from "./authenticate.ts";

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;

test.each([
  ["Bearer sk_test_x", "sk_test_x"],
  ["bearer  sk_test_x ", "sk_test_x"],
  [basic("sk_test_x:"), "sk_test_x"],
  [basic("sk_test_x:password"), "sk_test_x"],
  [basic("sk_test_x"), "sk_test_x"],
])("%s gives the key", (header, key) => {
  expect(keyOf(header)).toBe(key);
});

test.each([undefined, "", "Bearer", "Bearer ", "sk_test_x", "Digest x", basic(":password")])("%s gives none", (header) => {
  expect(() => keyOf(header)).toThrow(expect.objectContaining({ error: "api_key_missing", status: 401 }));
});

test("a key of more than 255 characters is refused without a look-up", () => {
  expect(keyOf(`Bearer sk_${"k".repeat(252)}`)).toHaveLength(255);
  expect(() => keyOf(`Bearer sk_${"k".repeat(253)}`)).toThrow(expect.objectContaining({ error: "api_key_invalid", status: 401 }));
});

const NOW = 1_000;
const APPLICATION = { id: "ca_1", name: "Platform", redirectUris: [] };
const account = (id: string, deleted = false): AccountRow => ({ id, created: 0, apiVersion: "2024-06-20", deleted, data: {} });

function reads(key: Partial<KeyRow>, connections: Pick<ConnectionRow, "accountId" | "livemode">[] = []): Reads {
  const digest = hash("sha256", "the key", "hex");
  const row: KeyRow = {
    hash: digest,
    accountId: "acct_p",
    livemode: false,
    kind: "secret",
    hint: "hint",
    created: 0,
    expiresAt: null,
    grant: null,
    permissions: null,
    ...key,
  };
  const accounts = new Map([account("acct_p"), account("acct_c"), account("acct_gone", true)].map((each) => [each.id, each]));
  const present: Partial<Reads> = {
    keyByHash: async (given) => (given === digest ? row : null),
    account: async (id) => accounts.get(id) ?? null,
    application: async (accountId, livemode) => ({ ...APPLICATION, accountId, livemode }),
    connections: async (platformId, accountId) =>
      connections
        .filter((each) => each.accountId === accountId)
        .map((each) => ({ ...each, platformId, created: 0, controller: true, scope: "read_write" })),
  };
  return present as Reads;
}

const GRANTED = { accountId: "acct_c", grant: { platformId: "acct_p", livemode: false, scope: "read_only" } } satisfies Partial<KeyRow>;

test("an access token is the platform, acting for the account that granted it", async () => {
  for (const stripeAccount of [undefined, "acct_c"])
    expect(
      await authenticate(reads(GRANTED, [{ accountId: "acct_c", livemode: false }]), { key: "the key", stripeAccount, now: NOW }),
    ).toMatchObject({ caller: { id: "acct_p" }, account: { id: "acct_c" }, readOnly: true });
});

test("a key determines the caller, the account it acts for and the mode", async () => {
  const request = { key: "the key", stripeAccount: "acct_c", now: NOW };
  expect(await authenticate(reads({}, [{ accountId: "acct_c", livemode: true }]), request)).toEqual({
    caller: account("acct_p"),
    application: { ...APPLICATION, accountId: "acct_p", livemode: false },
    account: account("acct_c"),
    livemode: false,
    keyHint: "hint",
    keyHash: hash("sha256", "the key", "hex"),
    readOnly: false,
    permissions: null,
    onlyCustomer: null,
  });
});

test.each<[string, number, Partial<KeyRow>, string, string | undefined]>([
  ["api_key_invalid", 401, {}, "another key", undefined],
  ["api_key_invalid", 401, { accountId: "acct_gone" }, "the key", undefined],
  ["api_key_expired", 401, { expiresAt: NOW }, "the key", undefined],
  ["platform_api_key_expired", 401, { ...GRANTED, expiresAt: NOW }, "the key", undefined],
  ["account_invalid", 403, GRANTED, "the key", undefined],
  ["account_invalid", 403, GRANTED, "the key", "acct_p"],
  ["secret_key_required", 403, { kind: "publishable" }, "the key", undefined],
  ["account_invalid", 403, {}, "the key", "acct_c"],
  ["account_invalid", 403, {}, "the key", "acct_unknown"],
  ["account_invalid", 403, {}, "the key", "acct_gone"],
  ["account_invalid", 403, {}, "the key", ""],
])("%s (%i): %j, key %s, Stripe-Account '%s'", async (error, status, row, key, stripeAccount) => {
  await expect(authenticate(reads(row), { key, stripeAccount, now: NOW })).rejects.toMatchObject({ error, status });
});

test("a key is good until the moment it expires, and a live key needs a live connection", async () => {
  expect(await authenticate(reads({ expiresAt: NOW + 1 }), { key: "the key", stripeAccount: undefined, now: NOW })).toBeDefined();
  const connected = [{ accountId: "acct_c", livemode: false }];
  const request = { key: "the key", stripeAccount: "acct_c", now: NOW };
  await expect(authenticate(reads({ livemode: true }, connected), request)).rejects.toMatchObject({ error: "account_invalid" });
  expect((await authenticate(reads({}, connected), request)).account.id).toBe("acct_c");
});

test("a secret key is not taken in live mode where a publishable one is required", async () => {
  const asked = (row: Partial<KeyRow>) =>
    authenticate(reads(row), { key: "the key", stripeAccount: undefined, now: NOW, publishable: "required_in_live_mode" });
  await expect(asked({ livemode: true })).rejects.toMatchObject({ error: "publishable_key_required", status: 403 });
  await expect(asked({ livemode: true, kind: "restricted" })).rejects.toMatchObject({ error: "publishable_key_required" });
  for (const row of [
    { livemode: false },
    { livemode: true, kind: "publishable" as const },
    { livemode: false, kind: "publishable" as const },
  ])
    expect(await asked(row)).toMatchObject({ caller: { id: "acct_p" } });
});

test("a publishable key is taken where the call says so, and nowhere else", async () => {
  const asked = (publishable: boolean | undefined) =>
    authenticate(reads({ kind: "publishable" }), { key: "the key", stripeAccount: undefined, now: NOW, publishable });
  expect(await asked(true)).toMatchObject({ caller: { id: "acct_p" }, account: { id: "acct_p" }, livemode: false });
  for (const publishable of [false, undefined]) await expect(asked(publishable)).rejects.toMatchObject({ error: "secret_key_required" });
});

test("nobody acts for a deleted account, even while its connection is there", async () => {
  const connected = [{ accountId: "acct_gone", livemode: false }];
  const request = { key: "the key", stripeAccount: "acct_gone", now: NOW };
  await expect(authenticate(reads({}, connected), request)).rejects.toMatchObject({ error: "account_invalid", status: 403 });
});

test("a restricted key of which no permissions are kept has none", async () => {
  const request = { key: "the key", stripeAccount: undefined, now: NOW, call: { method: "GET", path: "/v1/customers" } as const };
  await expect(authenticate(reads({ kind: "restricted" }), request)).rejects.toMatchObject({ error: "permission_missing", status: 403 });
});

const EPHEMERAL = "ek_test_x";

/** An ephemeral key that a platform made for its own customer. */
function ephemeral(callerId: string, expiresAt: number): Reads {
  const data = { customer: "cus_1", callerId, expiresAt, secretRow: secretId(EPHEMERAL) };
  const kind = { object: "ephemeral_secret", accountId: callerId, livemode: false, parent: "ephkey_1", created: 0 };
  const row: ObjectRow = { id: secretId(EPHEMERAL), ...kind, data };
  return { ...reads({}), object: async (id) => (id === row.id ? row : null) };
}

test.each([
  ["good until it expires", "acct_p", NOW + 1, null],
  ["expired from that moment on, even while it is kept", "acct_p", NOW, "api_key_expired"],
  ["gone with the platform that made it", "acct_gone", NOW + 1, "api_key_invalid"],
])("an ephemeral key is %s", async (_, callerId, expiresAt, error) => {
  const asked = authenticate(ephemeral(callerId, expiresAt), { key: EPHEMERAL, stripeAccount: undefined, now: NOW, ephemeral: true });
  if (error === null) expect(await asked).toMatchObject({ account: { id: callerId }, onlyCustomer: "cus_1" });
  else await expect(asked).rejects.toMatchObject({ error, status: 401 });
});

test("each key, session, page of a dev server and address has its own turn", () => {
  const session = { kind: "stored", livemode: false, platform: null, encrypted: true, createdSince: 0, seenSince: 0 } as const;
  const page = { kind: "development", livemode: false } as const;
  const all = [
    ...["sk_test_a", "sk_test_b"].map(turnOf),
    ...["a", "b"].map((hash) => turnOf({ ...session, hash })),
    ...["acct_a", "acct_b"].map((account) => turnOf({ ...page, account })),
    ...["192.0.2.1", "192.0.2.2", null].map(turnOfAddress),
  ];
  expect(new Set(all).size).toBe(all.length);
  // The query of a request in a session does not give it another turn.
  expect(turnOf({ ...session, hash: "a", livemode: true, platform: "acct_a" })).toBe(turnOf({ ...session, hash: "a" }));
});
