import Stripe from "stripe";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { client, ownKeys, platformOfItsOwn, refusal, refusals } from "../../platform-of-its-own.ts";
import { startWebhookReceiver } from "../../webhook-receiver.ts";

let server: Carabiner;
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
beforeAll(async () => {
  server = await startCarabiner();
  receiver = await startWebhookReceiver();
});
afterEach(() => {
  receiver.received.length = 0;
});
afterAll(async () => {
  await server.close();
  await receiver.close();
});

const company = async (stripe: Stripe, params: Stripe.AccountCreateParams = {}) =>
  (await stripe.accounts.create({ type: "custom", country: "US", business_type: "company", ...params })).id;

async function destination(stripe: Stripe, path: string, events_from: string[], enabled_events: string[]): Promise<string> {
  const made = await stripe.v2.core.eventDestinations.create({
    name: path,
    type: "webhook_endpoint",
    event_payload: "thin",
    enabled_events,
    events_from,
    include: ["webhook_endpoint.signing_secret"],
    webhook_endpoint: { url: receiver.url(path) },
  });
  return made.webhook_endpoint?.signing_secret ?? "";
}

const shown = <Answer extends { lastResponse: unknown }>({ lastResponse: _, ...answer }: Answer) => answer;

const PERSON_TYPES = ["created", "updated", "deleted"].map((what) => `v2.core.account_person.${what}`);

describe("a person in the v2 API", () => {
  test("is the same person that v1 shows, whoever made it", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const account = await company(stripe);
    const { persons } = stripe.v2.core.accounts;
    const made = await persons.create(account, {
      given_name: "Jenny",
      surname: "Rosen",
      date_of_birth: { day: 1, month: 2, year: 1980 },
      id_numbers: [{ type: "us_ssn", value: "000000000" }],
      address: { line1: "address_full_match", city: "Fort Worth", state: "TX", postal_code: "76102", country: "US", town: "North" },
      relationship: { owner: true, percent_ownership: Stripe.Decimal.from("12.5"), representative: true, title: "CEO" },
      metadata: { team: "blue", old: "yes" },
    });
    expect(shown(made)).toEqual({
      id: expect.stringMatching(/^person_\w{24}$/),
      object: "v2.core.account_person",
      account,
      address: { line1: "address_full_match", city: "Fort Worth", state: "TX", postal_code: "76102", country: "us", town: "North" },
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      date_of_birth: { day: 1, month: 2, year: 1980 },
      given_name: "Jenny",
      id_numbers: [{ type: "us_ssn" }],
      livemode: false,
      metadata: { team: "blue", old: "yes" },
      relationship: { owner: true, percent_ownership: Stripe.Decimal.from("12.5"), representative: true, title: "CEO" },
      surname: "Rosen",
      updated: made.created,
    });
    expect(await stripe.accounts.retrievePerson(account, made.id)).toMatchObject({
      first_name: "Jenny",
      last_name: "Rosen",
      dob: { day: 1, month: 2, year: 1980 },
      id_number_provided: true,
      relationship: { owner: true, percent_ownership: 12.5, representative: true, title: "CEO", director: false },
    });
    await stripe.accounts.updatePerson(account, made.id, { first_name: "Jen", metadata: { team: "red" } });
    const changed = await persons.update(account, made.id, { metadata: { old: null }, email: "jen@example.com" });
    expect(changed).toMatchObject({ given_name: "Jen", metadata: { team: "red" }, email: "jen@example.com" });
    expect(shown(await persons.retrieve(account, made.id))).toEqual(shown(changed));
    expect(await stripe.accounts.retrievePerson(account, made.id)).toMatchObject({ email: "jen@example.com", metadata: { team: "red" } });
    const other = await stripe.accounts.createPerson(account, { first_name: "Kim", relationship: { director: true } });
    expect(await persons.retrieve(account, other.id)).toMatchObject({ given_name: "Kim", relationship: { director: true } });
    expect(shown(await persons.del(account, other.id))).toEqual({ id: other.id, object: "v2.core.account_person" });
    expect(await refusal(stripe.accounts.retrievePerson(account, other.id))).toMatchObject({ status: 404 });
  });

  test("counts for the account's requirements, with the same magic values", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const account = await company(stripe, { capabilities: { transfers: { requested: true } } });
    const due = async () => (await stripe.accounts.retrieve(account)).requirements?.currently_due ?? [];
    expect(await due()).toContain("representative.first_name");
    const { id } = await stripe.v2.core.accounts.persons.create(account, {
      given_name: "Jenny",
      relationship: { representative: true },
      date_of_birth: { day: 1, month: 1, year: 1900 },
    });
    expect(await due()).not.toContain("representative.first_name");
    expect(await due()).toContain(`${id}.last_name`);
  });

  test("is listed in pages, the newest first, in both directions", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const account = await company(stripe);
    const { persons } = stripe.v2.core.accounts;
    const made: string[] = [];
    for (let n = 0; n < 5; n++) made.unshift((await persons.create(account, { given_name: `P${n}` })).id);
    const all: string[] = [];
    for await (const { id } of persons.list(account, { limit: 2 })) all.push(id);
    expect(all).toEqual(made);
    const first = await persons.list(account, { limit: 2 });
    expect(first.next_page_url).toContain(`/v2/core/accounts/${account}/persons?limit=2&page=`);
    type Shown = { data: { id: string }[]; next_page_url: string | null; previous_page_url: string | null };
    const page = (url: string | null) => stripe.rawRequest("GET", url ?? "") as unknown as Promise<Shown>;
    const second = await page(first.next_page_url);
    await persons.del(account, made[1] ?? "");
    expect((await page(second.previous_page_url)).data.map(({ id }) => id)).toEqual([made[0]]);
    const other = await company(stripe);
    const elsewhere = `/v2/core/accounts/${other}/persons?page=${Buffer.from(`after:${made[0]}`).toString("base64url")}`;
    expect(await refusal(stripe.rawRequest("GET", elsewhere))).toMatchObject({ code: "invalid_fields", param: "page" });
  });

  const id_numbers = [
    { type: "us_ssn", value: "1" },
    { type: "us_itin", value: "2" },
  ];
  test.each([
    [{ colour: "blue" }, "colour"],
    [{ legal_gender: "other" }, "legal_gender"],
    [{ political_exposure: "some" }, "political_exposure"],
    [{ id_numbers: [{ type: "us_dmv", value: "1" }] }, "id_numbers[0].type"],
    [{ id_numbers: [{ type: "us_ssn" }] }, "id_numbers[0].value"],
    [{ id_numbers }, "id_numbers[1]"],
    [{ date_of_birth: { day: 30, month: 2, year: 1980 } }, "date_of_birth.day"],
    [{ date_of_birth: { day: 1, month: 2 } }, "date_of_birth.year"],
    [{ email: "nobody" }, "email"],
    [{ address: { city: "Fort Worth" } }, "address.country"],
    [{ additional_addresses: [{ purpose: "registered" }] }, "additional_addresses[0].country"],
    [{ additional_addresses: [{ purpose: "holiday", country: "US" }] }, "additional_addresses[0].purpose"],
    [{ additional_names: [{ purpose: "stage" }] }, "additional_names[0].purpose"],
    [{ additional_terms_of_service: { account: { date: "yesterday", ip: "::1" } } }, "additional_terms_of_service.account.date"],
    [{ documents: { passport: { files: ["file_nobody"], type: "files" } } }, "documents.passport.files[0]"],
    [{ documents: { primary_verification: { front_back: {}, type: "front_back" } } }, "documents.primary_verification.front_back.front"],
    [{ relationship: { percent_ownership: "101" } }, "relationship.percent_ownership"],
    [{ relationship: { chief: true } }, "relationship.chief"],
    [{ given_name: "" }, "given_name"],
  ])("is refused with %j, by the name of the field, and nothing is changed", async (given, param) => {
    const { test: stripe } = await platformOfItsOwn(server);
    const account = await company(stripe);
    const create = stripe.rawRequest("POST", `/v2/core/accounts/${account}/persons`, given as Record<string, unknown>);
    expect(await refusal(create)).toMatchObject({ status: expect.toBeOneOf([400, 404]), param });
    expect((await stripe.v2.core.accounts.persons.list(account)).data).toEqual([]);
    expect((await stripe.events.list({ type: "person.*" }, { stripeAccount: account })).data).toEqual([]);
  });

  test("is one representative at most, who is not deleted", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const account = await company(stripe);
    const { persons } = stripe.v2.core.accounts;
    const { id } = await persons.create(account, { relationship: { representative: true } });
    expect(await refusal(persons.create(account, { relationship: { representative: true } }))).toMatchObject({
      status: 400,
      code: "invalid_fields",
      param: "relationship.representative",
    });
    expect(await refusal(persons.del(account, id))).toMatchObject({ status: 400 });
    await persons.update(account, id, { relationship: { representative: false } });
    await persons.del(account, id);
    expect(await refusal(persons.retrieve(account, id))).toMatchObject({ status: 404, code: "not_found" });
  });

  test("is not reached from another account, another platform or another mode, nor changed by its own", async () => {
    const [owner, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    const account = await company(owner.test);
    const second = await company(owner.test);
    const { persons } = owner.test.v2.core.accounts;
    const { id } = await persons.create(account, { given_name: "Jenny" });
    for (const stripe of [other.test, owner.live]) {
      const their = stripe.v2.core.accounts.persons;
      for (const refused of await refusals([
        their.retrieve(account, id),
        their.list(account),
        their.update(account, id, { given_name: "X" }),
        their.del(account, id),
        their.create(account, {}),
      ]))
        expect(refused).toMatchObject({ status: 404, code: "not_found" });
    }
    for (const refused of await refusals([
      persons.retrieve(second, id),
      persons.update(second, id, { given_name: "X" }),
      persons.del(second, id),
    ]))
      expect(refused).toMatchObject({ status: 404, code: "not_found" });
    const own = client(server, (await ownKeys(owner.test, account)).test.secret).v2.core.accounts.persons;
    expect(await own.retrieve(account, id)).toMatchObject({ given_name: "Jenny" });
    expect(await refusal(own.update(account, id, { given_name: "X" }))).toMatchObject({ status: 400 });
    expect(await persons.retrieve(account, id)).toMatchObject({ given_name: "Jenny" });
  });
});

describe("an event of a person in the v2 API", () => {
  test("happens on the platform, beside that of v1 on the account, for changes through either", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const secret = await destination(stripe, "/own", ["@self"], PERSON_TYPES);
    await destination(stripe, "/connected", ["@accounts"], PERSON_TYPES);
    await stripe.webhookEndpoints.create({
      url: receiver.url("/whole"),
      enabled_events: ["person.created", "person.updated", "person.deleted"],
      connect: true,
    });
    const account = await company(stripe);
    const { persons } = stripe.v2.core.accounts;
    const { id } = await persons.create(account, { given_name: "Jenny" }, { idempotencyKey: "make" });
    await stripe.accounts.updatePerson(account, id, { last_name: "Rosen" });
    await persons.update(account, id, { nationalities: ["US", "DE"] });
    await persons.update(account, id, { nationalities: ["US", "FR"] });
    await stripe.accounts.updatePerson(account, id, { us_cfpb_data: { self_identified_gender: "f" } });
    await stripe.accounts.deletePerson(account, id);
    await server.idle();
    expect(receiver.at("/connected")).toEqual([]);
    expect(receiver.at("/whole").map(({ event }) => event.type)).toEqual([
      "person.created",
      "person.updated",
      "person.updated",
      "person.updated",
      "person.deleted",
    ]);
    const notifications = receiver
      .at("/own")
      .map(({ body, headers }) => stripe.parseEventNotification(body, headers["stripe-signature"] ?? "", secret));
    expect(notifications.map(({ type }) => type)).toEqual([
      "v2.core.account_person.created",
      "v2.core.account_person.updated",
      "v2.core.account_person.updated",
      "v2.core.account_person.updated",
      "v2.core.account_person.deleted",
    ]);
    const [created, renamed, , moved] = notifications;
    expect(JSON.parse(receiver.at("/own")[0]?.body ?? "")).toEqual({
      id: created?.id,
      object: "v2.core.event",
      type: "v2.core.account_person.created",
      livemode: false,
      created: expect.any(String),
      related_object: { id, type: "v2.core.account_person", url: `/v2/core/accounts/${account}/persons/${id}` },
    });
    expect(await created?.fetchEvent()).toMatchObject({
      data: { account_id: account },
      reason: { type: "request", request: { idempotency_key: "make" } },
    });
    expect(await renamed?.fetchEvent()).toMatchObject({ changes: { before: { surname: null }, after: { surname: "Rosen" } } });
    expect(await moved?.fetchEvent()).toMatchObject({
      changes: { before: { nationalities: ["us", "de"] }, after: { nationalities: ["us", "fr"] } },
    });
    expect((await stripe.v2.core.events.list({ object_id: id })).data).toHaveLength(5);
  });

  test("happens when an onboarding changes the person, and not when only its verification ends", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    await destination(stripe, "/onboarded", ["@self"], PERSON_TYPES);
    const account = await company(stripe, { capabilities: { transfers: { requested: true } } });
    const { id } = await stripe.v2.core.accounts.persons.create(account, { relationship: { representative: true } });
    const told = async () => [
      (await stripe.v2.core.events.list({ object_id: id })).data.map(({ type }) => type),
      (await stripe.events.list({ types: ["person.created", "person.updated"] }, { stripeAccount: account })).data.length,
    ];
    expect(await told()).toEqual([["v2.core.account_person.created"], 1]);
    await stripe.rawRequest("POST", `/v1/test_helpers/accounts/${account}/complete_onboarding`, {});
    const [v2, v1] = await told();
    expect(v2).toEqual(["v2.core.account_person.updated", "v2.core.account_person.created"]);
    expect(await stripe.v2.core.accounts.persons.retrieve(account, id)).toMatchObject({ surname: expect.any(String) });
    await server.clock.advance({ seconds: 600 });
    const [after, afterInV1] = await told();
    expect(after).toEqual(v2);
    expect(afterInV1).toBeGreaterThanOrEqual(v1 as number);
    expect((await stripe.accounts.retrievePerson(account, id)).verification?.status).toBe("verified");
  });

  test("leads to its person", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const secret = await destination(stripe, "/fetch", ["@self"], PERSON_TYPES);
    const account = await company(stripe);
    await stripe.v2.core.accounts.persons.create(account, { given_name: "Jenny" });
    await server.idle();
    const [pushed] = receiver.at("/fetch");
    const notification = stripe.parseEventNotification(pushed?.body ?? "", pushed?.headers["stripe-signature"] ?? "", secret);
    if (notification.type !== "v2.core.account_person.created") throw new Error(notification.type);
    expect(await notification.fetchRelatedObject()).toMatchObject({ object: "v2.core.account_person", given_name: "Jenny", account });
  });

  test("is told to the platforms that see the account's persons, in its mode, and recorded for no other", async () => {
    const [owner, stranger] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    await destination(owner.test, "/owner", ["@self"], ["v2.core.account_person.created"]);
    await destination(owner.live, "/live", ["@self"], ["v2.core.account_person.created"]);
    await destination(stranger.test, "/stranger", ["@self"], ["v2.core.account_person.created"]);
    const account = await company(owner.test);
    await owner.test.v2.core.accounts.persons.create(account, {});
    await server.idle();
    expect(receiver.received.map(({ path }) => path)).toEqual(["/owner"]);
    const quiet = await platformOfItsOwn(server);
    await quiet.test.v2.core.accounts.persons.create(await company(quiet.test), {});
    expect((await quiet.test.v2.core.events.list()).data).toEqual([]);
  });
});
