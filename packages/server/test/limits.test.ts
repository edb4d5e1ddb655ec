import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../src/index.ts";
import { client } from "./platform-of-its-own.ts";

/** Limits far below the defaults: whatever reads the defaults instead answers otherwise. */
let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner({
    limits: { externalAccountsShown: 1, publishEvents: 2, redirectUris: 1, secretOverlapMs: 60_000, listItems: 3 },
  });
});
afterAll(() => server.close());

async function refusal(path: string, body: string): Promise<string> {
  const answer = await fetch(server.url + path, {
    method: "POST",
    body,
    headers: { authorization: `Bearer ${server.keys.test.secret}`, "content-type": "application/x-www-form-urlencoded" },
  });
  expect(answer.status).toBe(400);
  return ((await answer.json()) as { error: { message: string } }).error.message;
}

test("an account shows as many external accounts as the limit says", async () => {
  const stripe = client(server, server.keys.test.secret);
  const { id } = await stripe.accounts.create({ type: "custom", country: "US", external_account: "btok_us" });
  await stripe.accounts.createExternalAccount(id, { external_account: "btok_us_verified" });
  const { external_accounts } = await stripe.accounts.retrieve(id);
  expect(external_accounts).toMatchObject({ has_more: true, data: [expect.anything()] });
});

test("events, redirect URIs, the overlap of secrets and pages of lists are bounded as the limits say", async () => {
  const event = (n: number) => `events[${n}][type]=customer.created&events[${n}][data][object][id]=cus_${n}`;
  expect(await refusal("/v1/events", [0, 1, 2].map(event).join("&"))).toContain("at most 2 items");
  const uris = "redirect_uris[]=http://localhost/a&redirect_uris[]=http://localhost/b";
  expect(await refusal("/console/application", uris)).toContain("at most 1 items");
  const stripe = client(server, server.keys.test.secret);
  const { id } = await stripe.webhookEndpoints.create({ url: "http://127.0.0.1:1/hook", enabled_events: ["*"] });
  expect(await refusal(`/console/webhook_endpoints/${id}/roll_secret`, "expire_after=61")).toContain("60");
  await expect(stripe.customers.list({ limit: 4 })).rejects.toThrow(/3/);
});
