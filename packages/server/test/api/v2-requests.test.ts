import Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";

let server: Carabiner;
let account: string;
beforeAll(async () => {
  server = await startCarabiner();
  account = String((await ask("POST", "/v2/core/accounts", { json: { contact_email: "jenny@example.com" } })).body.id);
});
afterAll(() => server.close());

async function ask(method: string, path: string, { json, form }: { json?: object; form?: string } = {}) {
  const type = json !== undefined ? "application/json" : form !== undefined ? "application/x-www-form-urlencoded" : undefined;
  const body = json !== undefined ? JSON.stringify(json) : form;
  const answer = await fetch(server.url + path, {
    method,
    headers: {
      authorization: `Bearer ${server.keys.test.secret}`,
      "stripe-version": Stripe.API_VERSION,
      ...(type === undefined ? {} : { "content-type": type }),
    },
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

test("a body encoded as a form is refused, and changes nothing", async () => {
  const refused = await ask("POST", `/v2/core/accounts/${account}`, { form: "contact_email=other@example.com" });
  expect(refused).toEqual({
    status: 415,
    body: {
      error: {
        message: "Unsupported content type: application/x-www-form-urlencoded. Requests to /v2 have JSON bodies: send application/json.",
        type: "invalid_request_error",
      },
    },
  });
  expect((await ask("GET", `/v2/core/accounts/${account}`)).body).toMatchObject({ contact_email: "jenny@example.com" });
  // Clients that send nothing may name the type of a form.
  expect((await ask("POST", `/v2/core/accounts/${account}`, { form: "" })).status).toBe(200);
});

test("null for what cannot be unset is refused in the words of JSON", async () => {
  expect(await ask("POST", `/v2/core/accounts/${account}`, { json: { dashboard: null } })).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringMatching(/^You passed null for 'dashboard'/), param: "dashboard" } },
  });
});

test.each([
  ["include[0]=identity&include[1]=defaults", "as all SDKs write it today"],
  ["include=identity&include=defaults", "as they wrote it"],
  ["include[]=identity&include[]=defaults", "as v1 takes it"],
])("a list in a query: %s, %s", async (query) => {
  expect((await ask("GET", `/v2/core/accounts/${account}?${query}`)).body).toMatchObject({
    identity: { country: "us" },
    defaults: { currency: "usd" },
    requirements: null,
  });
});

test("a single item may stand without brackets in each list of a query", async () => {
  expect((await ask("GET", `/v2/core/accounts/${account}?include=identity`)).body).toMatchObject({ identity: { country: "us" } });
  expect((await ask("GET", "/v2/core/accounts?applied_configurations=merchant")).body).toMatchObject({ data: [] });
  expect((await ask("GET", "/v2/core/events?types=v2.core.account.created")).status).toBe(200);
  expect((await ask("GET", "/v2/core/event_destinations?include=webhook_endpoint.url")).status).toBe(200);
  expect((await ask("GET", "/v2/core/accounts?applied_configurations=bank")).body).toMatchObject({
    error: { param: "applied_configurations[0]" },
  });
  expect((await ask("GET", "/v2/core/accounts?limit=1&limit=2")).body).toMatchObject({ error: { param: "limit" } });
});

test("the type of a business's number is that of the API which told it last", async () => {
  const numbers = async () => {
    const { identity } = (await ask("GET", `/v2/core/accounts/${account}?include=identity`)).body as {
      identity: { business_details: { id_numbers: { type: string }[] } };
    };
    return identity.business_details.id_numbers.map(({ type }) => type);
  };
  const told = { entity_type: "company", country: "fr", business_details: { id_numbers: [{ type: "fr_rna", value: "000000000" }] } };
  expect((await ask("POST", `/v2/core/accounts/${account}`, { json: { identity: told } })).status).toBe(200);
  expect(await numbers()).toEqual(["fr_rna"]);
  expect((await ask("POST", `/v1/accounts/${account}`, { json: { company: { name: "Rides" } } })).status).toBe(200);
  expect(await numbers()).toEqual(["fr_rna"]);
  expect((await ask("POST", `/v1/accounts/${account}`, { json: { company: { tax_id: "111111111" } } })).status).toBe(200);
  expect(await numbers()).toEqual(["fr_siren"]);
});

test("a configuration that a call tells of is applied, unless the call says otherwise", async () => {
  const responsibilities = { fees_collector: "application", losses_collector: "application" };
  const merchant = { capabilities: { card_payments: { requested: true } } };
  const made = await ask("POST", "/v2/core/accounts", { json: { defaults: { responsibilities }, configuration: { merchant } } });
  const path = `/v2/core/accounts/${String(made.body.id)}`;
  const applied = async (configuration: object) => (await ask("POST", path, { json: { configuration } })).body.applied_configurations;
  expect(await applied({ merchant: { applied: false } })).toEqual([]);
  expect(await applied({ merchant: { applied: false, mcc: "5734" } })).toEqual([]);
  expect(await applied({ merchant: { capabilities: { card_payments: { requested: false } } } })).toEqual(["merchant"]);
});

test("the persons of a closed account are not found", async () => {
  const { body: made } = await ask("POST", "/v2/core/accounts", { json: {} });
  const path = `/v2/core/accounts/${String(made.id)}`;
  const { body: person } = await ask("POST", `${path}/persons`, { json: { given_name: "Ada" } });
  expect((await ask("POST", `${path}/close`, { json: {} })).body).toMatchObject({ closed: true });
  for (const [method, below] of [
    ["GET", "/persons"],
    ["GET", `/persons/${String(person.id)}`],
    ["DELETE", `/persons/${String(person.id)}`],
  ] as const)
    expect(await ask(method, path + below)).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
});

test("a request that failed runs again with its idempotency key, and one that succeeded is answered as before", async () => {
  const ask = async (path: string, json: object) => {
    const headers = {
      authorization: `Bearer ${server.keys.test.secret}`,
      "stripe-version": Stripe.API_VERSION,
      "content-type": "application/json",
      "idempotency-key": `key of ${path}`,
    };
    const answer = await fetch(server.url + path, { method: "POST", headers, body: JSON.stringify(json) });
    await answer.text();
    return { status: answer.status, replayed: answer.headers.get("idempotent-replayed") };
  };
  for (const [path, json, status, again] of [
    ["/v2/core/accounts/acct_unknown", { contact_email: "jenny@example.com" }, 404, null],
    ["/v2/core/accounts", { contact_email: "jenny@example.com" }, 200, "true"],
  ] as const) {
    expect(await ask(path, json)).toEqual({ status, replayed: null });
    expect(await ask(path, json)).toEqual({ status, replayed: again });
  }
});
