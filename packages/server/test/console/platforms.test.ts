import { LATEST_API_VERSION } from "@carabiner/protocol";
import Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../scripts/test-database.ts";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { client, type Platform, platformOfItsOwn, refusal } from "../platform-of-its-own.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

const OLDER = "2024-06-20";

describe.each(["memory", "postgres"] as const)("a platform's default API version, on %s", (kind) => {
  let server: Carabiner;
  let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
  let drop: () => Promise<void> = async () => undefined;
  beforeAll(async () => {
    const database = kind === "postgres" ? await createTestDatabase() : null;
    if (database !== null) drop = database.drop;
    server = await startCarabiner({ store: database === null ? "memory" : { url: database.url } });
    receiver = await startWebhookReceiver();
  });
  afterAll(async () => {
    await server.close();
    await receiver.close();
    await drop();
  });

  const make = async (params: object): Promise<Platform> => {
    const made = await client(server, server.keys.test.secret).rawRequest("POST", "/v1/test_helpers/platforms", { ...params });
    const { keys, ...platform } = made as unknown as Pick<Platform, "account" | "applications" | "keys">;
    return { ...platform, keys, live: client(server, keys.live.secret), test: client(server, keys.test.secret) };
  };
  /** The version that an answer names, to a request that asks for none. */
  const answered = async ({ keys }: Platform, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${server.url}/v1/account`, { headers: { authorization: `Bearer ${keys.test.secret}`, ...headers } });
    return answer.headers.get("stripe-version");
  };

  test("is that of answers, and of events for endpoints without a version", async () => {
    const platform = await make({ api_version: OLDER });
    const { test: stripe } = platform;
    const { id } = await stripe.accounts.create({ type: "standard" });
    const path = `/${platform.account}`;
    for (const [at, connect] of [
      ["own", false],
      ["connect", true],
    ] as const)
      await stripe.webhookEndpoints.create({ url: receiver.url(`${path}/${at}`), enabled_events: ["customer.created"], connect });
    const pinned = {
      url: receiver.url(`${path}/pinned`),
      enabled_events: ["customer.created"] as const,
      api_version: "2023-10-16" as const,
    };
    await stripe.webhookEndpoints.create({ ...pinned, enabled_events: ["customer.created"] });
    await stripe.customers.create({});
    await stripe.customers.create({}, { stripeAccount: id });
    await server.idle();
    const versions = (at: string) => receiver.at(`${path}/${at}`).map(({ event }) => event.api_version);
    expect([versions("own"), versions("connect"), versions("pinned")]).toEqual([[OLDER], [OLDER], ["2023-10-16"]]);
    expect((await stripe.events.list({ type: "customer.created" })).data[0]?.api_version).toBe(OLDER);
    expect(await answered(platform)).toBe(OLDER);
    expect(await answered(platform, { "stripe-account": id })).toBe(OLDER);
    expect(await answered(platform, { "stripe-version": "2025-03-31.basil" })).toBe("2025-03-31.basil");
  });

  test("is accepted by an SDK of an older train that checks it", async () => {
    const platform = await make({ api_version: "2025-08-27.basil" });
    await platform.test.webhookEndpoints.create({ url: receiver.url("/strict"), enabled_events: ["customer.created"] });
    await platform.test.customers.create({});
    await server.idle();
    const train = (version: string | null) => version?.split(".")[1];
    expect(receiver.at("/strict").map(({ event }) => train(event.api_version))).toEqual(["basil"]);
  });

  test("is the latest unless told otherwise, and can be set later, for both modes", async () => {
    const platform = await platformOfItsOwn(server);
    expect(await platform.test.rawRequest("GET", "/console/application")).toMatchObject({ api_version: LATEST_API_VERSION });
    const set = await platform.live.rawRequest("POST", "/console/application", { api_version: OLDER });
    expect(set).toMatchObject({ api_version: OLDER, name: "Platform" });
    expect(await platform.test.rawRequest("GET", "/console/application")).toMatchObject({ api_version: OLDER });
    expect(await answered(platform)).toBe(OLDER);
    await platform.test.rawRequest("POST", "/console/application", { name: "Renamed" });
    expect(await answered(platform)).toBe(OLDER);
    expect((await platform.test.accounts.retrieveCurrent()).id).toBe(platform.account);
  });

  test("is a published one", async () => {
    const platform = await platformOfItsOwn(server);
    for (const version of ["2024-06-21", "latest", "2024-06-20; x_beta=v1", "endive"]) {
      expect(await refusal(make({ api_version: version }))).toMatchObject({ status: 400, param: "api_version" });
      const set = platform.test.rawRequest("POST", "/console/application", { api_version: version });
      expect(await refusal(set)).toMatchObject({ status: 400, param: "api_version" });
    }
    expect(await answered(platform)).toBe(LATEST_API_VERSION);
  });

  test("cannot be set on an account that is no platform", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({ type: "standard" });
    const set = stripe.rawRequest("POST", "/console/application", { api_version: OLDER }, { stripeAccount: id });
    expect(await refusal(set)).toMatchObject({ status: 403 });
  });

  test.each([
    [{ country: "zz" }, "country", "zz is not currently supported by Stripe."],
    [{ name: "" }, "name", undefined],
    [{ name: "   " }, "name", "Invalid name: must not be blank."],
    [{ default_mcc: "12a4" }, "default_mcc", undefined],
  ])("%j is refused", async (params, param, message) => {
    const refused = await refusal(make(params));
    expect(refused).toMatchObject({ status: 400, param, ...(message === undefined ? {} : { message }) });
  });

  test("a country may be in small letters", async () => {
    const { test: stripe } = await make({ country: "de" });
    expect(await stripe.accounts.retrieveCurrent()).toMatchObject({ country: "DE", default_currency: "eur" });
  });
});

test("a dev server takes its platform's version at its start, keeps it, and refuses one that was never published", async () => {
  const server = await startCarabiner({ apiVersion: OLDER });
  const answer = await fetch(`${server.url}/v1/account`, { headers: { authorization: `Bearer ${server.keys.test.secret}` } });
  expect(answer.headers.get("stripe-version")).toBe(OLDER);
  await server.close();
  const refused = startCarabiner({ apiVersion: "2024-06-21" });
  await expect(refused).rejects.toThrow(TypeError);
  await expect(refused).rejects.toMatchObject({ name: "InvalidPlatform", option: "apiVersion" });
});

test("the SDK's own version comes before the platform's", async () => {
  const server = await startCarabiner({ apiVersion: OLDER });
  const stripe = client(server, server.keys.test.secret);
  expect((await stripe.accounts.retrieveCurrent()).lastResponse.apiVersion).toBe(Stripe.API_VERSION);
  await server.close();
});
