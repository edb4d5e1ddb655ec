import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { client, platformOfItsOwn, refusal, refusals } from "../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner({ limits: { v2TokenMs: 300_000, v2TokenKeptMs: 900_000 } });
});
afterAll(() => server.close());

const shown = <Answer extends { lastResponse: unknown }>({ lastResponse: _, ...answer }: Answer) => answer;
const include: Stripe.V2.Core.AccountRetrieveParams["include"] = ["identity"];

/** What an account needs besides a token. */
const REST: Stripe.V2.Core.AccountCreateParams = {
  dashboard: "none",
  identity: { country: "US" },
  defaults: { responsibilities: { fees_collector: "application", losses_collector: "application" } },
  configuration: { recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } } },
};
const JENNY: Stripe.V2.Core.AccountTokenCreateParams = {
  contact_email: "jenny@example.com",
  display_name: "Jenny's Ropes",
  identity: {
    entity_type: "individual",
    individual: { given_name: "Jenny", surname: "Rosen", id_numbers: [{ type: "us_ssn", value: "000000000" }] },
    attestations: { terms_of_service: { account: { shown_and_accepted: true } } },
  },
};

describe("a token for an account in the v2 API", () => {
  test("is made with a publishable key, and an account is made with it once", async () => {
    const p = await platformOfItsOwn(server);
    const { accounts, accountTokens } = p.test.v2.core;
    const token = await client(server, p.keys.test.publishable).v2.core.accountTokens.create(JENNY);
    expect(shown(token)).toEqual({
      id: expect.stringMatching(/^accttok_\w{44}$/),
      object: "v2.core.account_token",
      created: expect.any(String),
      expires_at: new Date(Date.parse(token.created) + 300_000).toISOString(),
      livemode: false,
      used: false,
    });
    const account = await accounts.create({ ...REST, account_token: token.id, include });
    expect(account).toMatchObject({
      contact_email: "jenny@example.com",
      display_name: "Jenny's Ropes",
      identity: {
        country: "us",
        entity_type: "individual",
        individual: { given_name: "Jenny", surname: "Rosen", id_numbers: [{ type: "us_ssn" }] },
        attestations: { terms_of_service: { account: { date: expect.any(String), ip: expect.any(String) } } },
      },
    });
    expect(await p.test.accounts.retrieve(account.id)).toMatchObject({
      email: "jenny@example.com",
      individual: { first_name: "Jenny", id_number_provided: true },
      tos_acceptance: { date: expect.any(Number) },
    });
    expect(await accountTokens.retrieve(token.id)).toMatchObject({ used: true });
    expect(await refusal(accounts.update(account.id, { account_token: token.id }))).toMatchObject({ status: 400, param: "account_token" });
    const { id } = await accountTokens.create({ identity: { individual: { surname: "Ropes" } } });
    expect(await accounts.update(account.id, { account_token: id, include })).toMatchObject({
      identity: { individual: { given_name: "Jenny", surname: "Ropes" } },
    });
  });

  test("may have a part of the identity, of which the call has no other", async () => {
    const p = await platformOfItsOwn(server);
    const { accounts, accountTokens } = p.test.v2.core;
    const { id } = await accountTokens.create(JENNY);
    for (const [given, param] of [
      [{ identity: { country: "US", entity_type: "company" } }, "identity.entity_type"],
      [{ contact_email: "other@example.com" }, "contact_email"],
    ] as const)
      expect(await refusal(accounts.create({ ...REST, ...given, account_token: id }))).toMatchObject({ status: 400, param });
    expect(await accountTokens.retrieve(id)).toMatchObject({ used: false });
    for (const [given, param] of [
      [{ colour: "blue" }, "colour"],
      [{ identity: { country: "US" } }, "identity.country"],
      [{ identity: { entity_type: "team" } }, "identity.entity_type"],
      [{ identity: { individual: { email: "nobody" } } }, "identity.individual.email"],
    ] as const)
      expect(await refusal(p.test.rawRequest("POST", "/v2/core/account_tokens", given))).toMatchObject({ status: 400, param });
  });

  test("is of no use after its time, to others, in the other mode, and as a token of v1", async () => {
    const [owner, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    const { accounts, accountTokens } = owner.test.v2.core;
    const { id } = await accountTokens.create(JENNY);
    const v1 = await owner.test.tokens.create({ account: { business_type: "individual" } });
    for (const refused of await refusals([
      other.test.v2.core.accounts.create({ ...REST, account_token: id }),
      other.test.v2.core.accountTokens.retrieve(id),
      owner.live.v2.core.accounts.create({ ...REST, account_token: id }),
      owner.live.v2.core.accountTokens.retrieve(id),
      accounts.create({ ...REST, account_token: v1.id }),
    ]))
      expect(refused).toMatchObject({ status: 404 });
    expect(await refusal(owner.test.accounts.create({ type: "custom", account_token: id }))).toMatchObject({ status: 400 });
    expect(await refusal(owner.live.v2.core.accountTokens.create(JENNY))).toMatchObject({ status: 403 });
    await server.clock.advance({ seconds: 300 });
    expect(await refusal(accounts.create({ ...REST, account_token: id }))).toMatchObject({ status: 400, param: "account_token" });
    expect((await owner.test.accounts.list()).data).toEqual([]);
    await server.clock.advance({ seconds: 599 });
    expect((await accountTokens.retrieve(id)).id).toBe(id);
    await server.clock.advance({ seconds: 1 });
    expect(await refusal(accountTokens.retrieve(id))).toMatchObject({ status: 404 });
  });
});
