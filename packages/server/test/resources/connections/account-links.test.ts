import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { browser, connect, formOf, withRedirects } from "../../pages/oauth/consent.ts";
import { platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const URLS = { refresh_url: "https://platform.example/again", return_url: "https://platform.example/done" };
const onboarding = (stripe: Stripe, account: string, more: Partial<Stripe.AccountLinkCreateParams> = {}) =>
  stripe.accountLinks.create({ account, type: "account_onboarding", ...URLS, ...more });

/** Follows a link, as far as the page it leads to. */
async function follow(url: string) {
  const { go } = browser(server);
  const arrived = await go(url);
  if (arrived.status !== 303 || !arrived.location.startsWith("/")) return { go, arrived, path: "", page: arrived };
  return { go, arrived, path: arrived.location, page: await go(arrived.location) };
}

/** Lets the page fill itself with test values and sends it, until it sends the user away. */
async function fillIn(url: string): Promise<{ location: string; pages: string[] }> {
  const { go, path, page } = await follow(url);
  const pages = [page.text];
  let token = page.formToken;
  for (let step = 0; step < 8; step++) {
    const filled = await go(path, { form_token: token, action: "fill" });
    const sent = await go(path, { ...formOf(filled.text), form_token: token, action: "save" });
    if (sent.status !== 303)
      throw new Error(
        `the page answered ${sent.status}: ${[...sent.text.matchAll(/<p class="error" id="([^"]+)">([^<]+)/g)].map(([, id, message]) => `${id} ${message}`)}`,
      );
    if (!sent.location.startsWith("/")) return { location: sent.location, pages };
    const next = await go(sent.location);
    token = next.formToken;
    pages.push(next.text);
  }
  throw new Error("the page never ends");
}

const capabilities = { card_payments: { requested: true }, transfers: { requested: true } };

describe("an account link", () => {
  test.each([
    ["express", "US", "individual"],
    ["express", "DE", "company"],
    ["custom", "GB", "individual"],
    ["standard", "FR", undefined],
    ["express", "US", "company"],
    ["express", "US", "non_profit"],
  ] as const)("of a fresh %s account in %s (%s) leads to an enabled account and back", async (type, country, businessType) => {
    const p = await platformOfItsOwn(server);
    const account = await p.test.accounts.create({
      type,
      country,
      ...(businessType === undefined ? {} : { business_type: businessType }),
      ...(type === "standard" ? {} : { capabilities }),
    });
    const link = await onboarding(p.test, account.id);
    expect(link).toEqual({
      object: "account_link",
      created: expect.any(Number),
      expires_at: link.created + 300,
      url: expect.stringMatching(
        new RegExp(`^${server.url}/setup/${{ express: "e", custom: "c", standard: "s" }[type]}/${account.id}/\\w{32}$`),
      ),
    });
    const { location } = await fillIn(link.url);
    expect(location).toBe(URLS.return_url);
    if (type === "custom") await p.test.accounts.createExternalAccount(account.id, { external_account: `btok_${country.toLowerCase()}` });
    const given = await p.test.accounts.retrieve(account.id);
    expect(given.requirements?.currently_due).toEqual([]);
    expect(given.details_submitted).toBe(true);
    expect(given.tos_acceptance?.date).toEqual(expect.any(Number));
    await server.clock.advance({ seconds: 600 });
    const after = await p.test.accounts.retrieve(account.id);
    expect(after.requirements).toMatchObject({ currently_due: [], pending_verification: [], disabled_reason: null });
    expect(after).toMatchObject({ charges_enabled: true, payouts_enabled: true });
    const types = new Set((await p.test.events.list({ limit: 100 }, { stripeAccount: account.id })).data.map((event) => event.type));
    for (const expected of ["account.updated", "capability.updated", "account.external_account.created"]) expect(types).toContain(expected);
    expect([...types].filter((name) => name.startsWith("person."))).toEqual([]);
  });

  test("can be followed once, for five minutes, and then leads back to where another is made", async () => {
    const p = await platformOfItsOwn(server);
    const { id } = await p.test.accounts.create({ type: "express", capabilities });
    const used = (await onboarding(p.test, id)).url;
    expect((await follow(used)).page.status).toBe(200);
    expect((await follow(used)).arrived).toMatchObject({ status: 303, location: URLS.refresh_url });
    const late = (await onboarding(p.test, id)).url;
    await server.clock.advance({ seconds: 300 });
    expect((await follow(late)).arrived).toMatchObject({ status: 303, location: URLS.refresh_url });
    const gone = (await onboarding(p.test, id)).url;
    await p.test.accounts.del(id);
    expect((await follow(gone)).arrived).toMatchObject({ status: 303, location: URLS.refresh_url });
    for (const unknown of [`${used}x`, used.replace(id, "acct_other")]) expect((await follow(unknown)).arrived.status).toBe(404);
  });

  test("opens its page to the browser that followed it alone, for an hour", async () => {
    const p = await platformOfItsOwn(server);
    const { id } = await p.test.accounts.create({ type: "express", capabilities });
    const { go, path, page } = await follow((await onboarding(p.test, id)).url);
    expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect((await browser(server).go(path)).status).toBe(403);
    for (const form_token of ["", "guess"])
      expect((await go(path, { form_token, action: "save", business_type: "company" })).status).toBe(403);
    expect((await p.test.accounts.retrieve(id)).business_type).toBeNull();
    await server.clock.advance({ seconds: 3_600 });
    expect((await go(path)).status).toBe(403);
  });

  test("is not written into the log", async () => {
    const lines: string[] = [];
    const { default: pino } = await import("pino");
    const logging = await startCarabiner({ log: pino({ level: "info" }, { write: (line: string) => void lines.push(line) }) });
    try {
      const p = await platformOfItsOwn(logging);
      const { id } = await p.test.accounts.create({ type: "express", capabilities });
      const { url } = await onboarding(p.test, id);
      expect((await browser(logging).go(url)).status).toBe(303);
      expect(lines.join("")).toContain("/setup/:kind/:account/:secret");
      expect(lines.join("")).not.toContain(url.split("/").at(-1));
    } finally {
      await logging.close();
    }
  });

  test("asks for what is due, says what is wrong beside the field, and keeps nothing then", async () => {
    const p = await platformOfItsOwn(server);
    const { id } = await p.test.accounts.create({ type: "express", business_type: "individual", capabilities });
    const { go, path, page } = await follow((await onboarding(p.test, id)).url);
    for (const label of ["First name", "Birth year", "Account number", "I accept the terms"]) expect(page.text).toContain(label);
    const send = (form: Record<string, string>) => go(path, { form_token: page.formToken, action: "save", ...form });
    const missing = await send({ "individual.first_name": "<Jo>" });
    expect(missing.status).toBe(422);
    expect(missing.text).toContain('<p class="error" id="individual.last_name-error">This field is required.</p>');
    expect(missing.text).toContain('value="&lt;Jo&gt;"');
    const filled = formOf((await go(path, { form_token: page.formToken, action: "fill" })).text);
    for (const [name, value, message] of [
      ["individual.email", "nobody", "Invalid email address"],
      ["individual.dob.month", "13", "less than or equal to 12"],
      ["external_account.account_number", "1", "4 to 17 digits"],
      ["external_account.routing_number", "1", "outing number"],
    ] as const) {
      const refused = await send({ ...filled, [name]: value });
      expect(refused.status, name).toBe(422);
      expect(refused.text, name).toMatch(new RegExp(`<p class="error" id="${name}-error">[^<]*${message}`));
    }
    expect(await p.test.accounts.retrieve(id)).toMatchObject({ details_submitted: false, tos_acceptance: { date: null } });
    expect((await p.test.accounts.listPersons(id)).data).toEqual([]);
    expect((await go(path, { form_token: page.formToken, action: "leave" })).location).toBe(URLS.return_url);
  });

  test("asks again for what did not convince, and says why", async () => {
    const p = await platformOfItsOwn(server);
    const { id } = await p.test.accounts.create({ type: "express", business_type: "individual", capabilities });
    const { go, path, page } = await follow((await onboarding(p.test, id)).url);
    const filled = formOf((await go(path, { form_token: page.formToken, action: "fill" })).text);
    const sent = await go(path, { ...filled, "individual.address.line1": "address_no_match", form_token: page.formToken, action: "save" });
    expect(sent.location).toBe(URLS.return_url);
    await server.clock.advance({ seconds: 600 });
    const { requirements } = await p.test.accounts.retrieve(id);
    expect(requirements?.currently_due?.length).toBeGreaterThan(0);
    const again = await follow((await onboarding(p.test, id)).url);
    expect(again.page.text).toContain(requirements?.errors?.[0]?.reason ?? "no reason");
  });

  test("asks for what will be due, when told to", async () => {
    const p = await platformOfItsOwn(server);
    const { id } = await p.test.accounts.create({ type: "express", business_type: "individual", capabilities });
    await fillIn((await onboarding(p.test, id)).url);
    await server.clock.advance({ seconds: 600 });
    const due = (await follow((await onboarding(p.test, id)).url)).page.text;
    const all = (await follow((await onboarding(p.test, id, { collection_options: { fields: "eventually_due" } })).url)).page.text;
    const old = (await follow((await onboarding(p.test, id, { collect: "eventually_due" })).url)).page.text;
    expect(due).not.toContain("individual.id_number");
    expect(all).toContain("individual.id_number");
    expect(old).toContain("individual.id_number");
  });

  test.each([
    ["custom_account_verification", "account_onboarding"],
    ["custom_account_update", "account_update"],
  ])("%s with success_url and failure_url is an older name of %s", async (type) => {
    const p = await platformOfItsOwn(server);
    const { id } = await p.test.accounts.create({ type: "custom", business_type: "individual", capabilities });
    const older = { account: id, type, success_url: "https://example.com/done", failure_url: "https://example.com/again" };
    const { url } = await p.test.accountLinks.create(older as never);
    expect((await fillIn(url)).location).toBe("https://example.com/done");
    expect((await follow(url)).arrived).toMatchObject({ status: 303, location: "https://example.com/again" });
    expect(await refusal(p.test.accountLinks.create({ ...older, return_url: "https://example.com" } as never))).toMatchObject({
      status: 400,
      code: "parameters_exclusive",
      param: "success_url",
    });
    expect(await refusal(p.test.accountLinks.create({ account: id, type, success_url: "https://example.com" } as never))).toMatchObject({
      status: 400,
      code: "parameter_missing",
      param: "refresh_url",
    });
  });

  test("for an update changes what is known", async () => {
    const p = await platformOfItsOwn(server);
    const { id } = await p.test.accounts.create({
      type: "custom",
      business_type: "individual",
      capabilities,
      business_profile: { name: "Old" },
    });
    await fillIn((await onboarding(p.test, id)).url);
    const link = await onboarding(p.test, id, { type: "account_update" });
    const { go, path, page } = await follow(link.url);
    expect(page.text).toContain('value="Old"');
    const form = formOf((await go(path, { form_token: page.formToken, action: "fill" })).text);
    const sent = await go(path, { ...form, form_token: page.formToken, action: "save", "business_profile.name": "New" });
    expect(sent.location).toBe(URLS.return_url);
    expect((await p.test.accounts.retrieve(id)).business_profile?.name).toBe("New");
  });

  test.each<[string, Partial<Stripe.AccountLinkCreateParams>, object]>([
    ["no return_url", { return_url: "" }, { status: 400, param: "return_url" }],
    ["an address that is none", { refresh_url: "nonsense" }, { status: 400, code: "url_invalid", param: "refresh_url" }],
    ["a script", { return_url: "javascript:alert(1)" }, { status: 400, code: "url_invalid", param: "return_url" }],
    ["a kind there is not", { type: "account_removal" as never }, { status: 400, param: "type" }],
    ["an update that is not the platform's", { type: "account_update" }, { status: 400, param: "account" }],
    [
      "both ways to say what is collected",
      { collect: "currently_due", collection_options: { fields: "currently_due" } },
      { status: 400, code: "parameters_exclusive" },
    ],
    ["an account that is not there", { account: "acct_unknown" }, { status: 403, code: "account_invalid" }],
  ])("is refused for %s", async (_, more, refused) => {
    const p = await platformOfItsOwn(server);
    const { id } = await p.test.accounts.create({ type: "express" });
    expect(await refusal(onboarding(p.test, id, more))).toMatchObject(refused);
  });

  test("is refused for one's own account, and for one that another made", async () => {
    const [p, q] = [await platformOfItsOwn(server), await withRedirects(await platformOfItsOwn(server))];
    expect((await refusal(onboarding(p.test, p.account))).message).toContain("your own");
    const { id } = await p.test.accounts.create({ type: "standard" });
    await connect(server, q, "test", { action: "connect", account: id });
    expect((await refusal(onboarding(q.test, id))).message).toContain("neither made nor controls");
  });

  test("of live mode has https addresses, and its page no test values", async () => {
    const p = await platformOfItsOwn(server);
    const { id } = await p.live.accounts.create({ type: "express", capabilities, business_type: "individual" });
    expect(await refusal(onboarding(p.live, id, { return_url: "http://platform.example" }))).toMatchObject({
      status: 400,
      param: "return_url",
      message: expect.stringContaining("Livemode requests must always be redirected via HTTPS"),
    });
    const { go, path, page } = await follow((await onboarding(p.live, id)).url);
    expect(page.text).not.toMatch(/[Tt]est mode|Use test values/);
    expect((await go(path, { form_token: page.formToken, action: "fill" })).status).toBe(422);
  });
});

describe("who an account is", () => {
  const who = { business_type: "individual", individual: { first_name: "Ada" } } as const;
  const asked: [string, (stripe: Stripe, account: string) => Promise<unknown>][] = [
    ["a link", (stripe, account) => onboarding(stripe, account)],
    ["a session", (stripe, account) => stripe.accountSessions.create({ account, components: { account_onboarding: { enabled: true } } })],
    [
      "a link of v2",
      (stripe, account) =>
        stripe.v2.core.accountLinks.create({ account, use_case: { type: "account_onboarding", account_onboarding: URLS } }),
    ],
  ];

  test.each(asked)("is for its user to say after %s, where Stripe collects that", async (_, ask) => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({ type: "express", ...who });
    await stripe.accounts.update(id, { individual: { last_name: "Byron" } });
    await ask(stripe, id);
    const before = (await stripe.events.list({}, { stripeAccount: id })).data.length;
    for (const change of [{ business_type: "company" }, { company: { name: "Rides" } }, { individual: { first_name: "Eve" } }] as const)
      expect(await refusal(stripe.accounts.update(id, change))).toMatchObject({
        status: 403,
        type: "StripePermissionError",
        param: Object.keys(change)[0],
        message: expect.stringContaining(
          `This application does not have the required permissions for the parameter '${Object.keys(change)[0]}' on account '${id}'`,
        ),
      });
    const named = { identity: { individual: { given_name: "Eve" } } };
    expect(await refusal(stripe.v2.core.accounts.update(id, named))).toMatchObject({ status: 403 });
    expect((await stripe.accounts.retrieve(id)).individual).toMatchObject({ first_name: "Ada", last_name: "Byron" });
    expect((await stripe.events.list({}, { stripeAccount: id })).data).toHaveLength(before);
    await stripe.accounts.update(id, { email: "ada@rides.example", metadata: { plan: "gold" } });
  });

  test("is for its platform to say of a custom account, also after a link", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({ type: "custom", ...who });
    await onboarding(stripe, id);
    expect(await stripe.accounts.update(id, { individual: { first_name: "Eve" } })).toMatchObject({ individual: { first_name: "Eve" } });
  });
});

describe("a login link", () => {
  test("leads the user of an Express account to what it has, and lets another bank account be used", async () => {
    const p = await platformOfItsOwn(server);
    const { id } = await p.test.accounts.create({ type: "express", business_type: "individual", capabilities });
    expect((await refusal(p.test.accounts.createLoginLink(id))).message).toContain("has not completed onboarding");
    await fillIn((await onboarding(p.test, id)).url);
    // Code from before 2023 says where the user returns to.
    const link = await p.test.accounts.createLoginLink(id, { redirect_url: "https://example.com" } as Stripe.AccountCreateLoginLinkParams);
    expect(link).toEqual({
      object: "login_link",
      created: expect.any(Number),
      url: expect.stringContaining(`${server.url}/express/${id}/`),
    });
    const { go, path, page } = await follow(link.url);
    expect(page.status).toBe(200);
    expect(page.text).toContain(id);
    expect((await follow(link.url)).arrived.status).toBe(404);
    expect((await browser(server).go(path)).status).toBe(403);

    const use = (form: Record<string, string>) => go(path, { form_token: page.formToken, action: "bank", ...form });
    const refused = await use({ "external_account.account_number": "1", "external_account.routing_number": "110000000" });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('id="external_account.account_number-error"');
    expect((await use({ form_token: "guess" })).status).toBe(403);
    const sent = await use({ "external_account.account_number": "000111111116", "external_account.routing_number": "110000000" });
    expect(sent.location).toBe(`${path}?saved`);
    const accounts = await p.test.accounts.listExternalAccounts(id);
    expect(accounts.data.map((one) => [one.last4, one.default_for_currency])).toEqual([["1116", true]]);
    expect((await go(sent.location)).text).toContain("ending in 1116");
  });

  test("is for Express accounts alone", async () => {
    const p = await platformOfItsOwn(server);
    for (const type of ["custom", "standard"] as const) {
      const { id } = await p.test.accounts.create({ type });
      expect(await refusal(p.test.accounts.createLoginLink(id))).toMatchObject({
        status: 400,
        message: expect.stringContaining("Express Dashboard"),
      });
    }
  });
});

describe("an account session", () => {
  test("says what each component would be allowed: what was asked for, and else what the account's kind has", async () => {
    const p = await platformOfItsOwn(server);
    const create = (account: string, components: Stripe.AccountSessionCreateParams.Components) =>
      p.test.accountSessions.create({ account, components });
    const { id } = await p.test.accounts.create({ type: "express" });
    const session = await create(id, { payments: { enabled: true, features: { refund_management: false } }, payouts: { enabled: true } });
    expect(session).toMatchObject({
      object: "account_session",
      account: id,
      livemode: false,
      client_secret: expect.stringMatching(/^accs_secret__\w{40}$/),
    });
    expect(session.components.payments).toEqual({
      enabled: true,
      features: {
        capture_payments: true,
        destination_on_behalf_of_charge_management: false,
        dispute_management: true,
        refund_management: false,
        smart_disputes_management: true,
      },
    });
    expect(session.components.payouts.features).toMatchObject({ edit_payout_schedule: false, disable_stripe_user_authentication: false });
    expect(session.components.documents).toEqual({ enabled: false, features: {} });

    const { id: custom } = await p.test.accounts.create({ type: "custom" });
    const features = { external_account_collection: false };
    const { components } = await create(custom, { account_onboarding: { enabled: true, features } });
    expect(components.account_onboarding.features).toEqual({ ...features, disable_stripe_user_authentication: true });
    expect(await refusal(create(id, { account_onboarding: { enabled: true, features } }))).toMatchObject({
      status: 400,
      param: "components[account_onboarding][features][external_account_collection]",
    });
    expect(await refusal(create(id, { payments: { enabled: false } }))).toMatchObject({ status: 400, param: "components" });
    expect(await refusal(create("acct_unknown", { payments: { enabled: true } }))).toMatchObject({ status: 403, code: "account_invalid" });
  });
});
