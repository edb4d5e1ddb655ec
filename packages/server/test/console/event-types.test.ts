import { APPLICATION_TYPES, EVENT_TYPES } from "@carabiner/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

async function ask<Answer>(path: string, body?: object): Promise<{ status: number; body: Answer }> {
  const answer = await fetch(server.url + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${server.keys.test.secret}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Answer };
}

interface EventTypeAnswer {
  id: string;
  data_object: string;
  sample: Record<string, unknown>;
}

test("every type in the catalogue has a sample that can be published, except types that only the server records", async () => {
  const { body: listed } = await ask<{ data: EventTypeAnswer[]; has_more: boolean }>("/console/event_types");
  expect(listed.data.map(({ id }) => id)).toEqual(EVENT_TYPES.filter((type) => !APPLICATION_TYPES.has(type)));
  expect(listed.has_more).toBe(false);
  const events: { type: string; data: { object: object } }[] = [];
  for (const { id, data_object } of listed.data) {
    const { body } = await ask<EventTypeAnswer>(`/console/event_types/${id}`);
    expect([id, body.data_object, body.sample.object]).toEqual([id, data_object, data_object]);
    events.push({ type: id, data: { object: body.sample } });
  }
  const published = await ask<{ data: { type: string }[] }>("/v1/events", { events });
  expect(published.status, JSON.stringify(published.body).slice(0, 500)).toBe(200);
  expect(published.body.data.map(({ type }) => type)).toEqual(events.map(({ type }) => type));
});

test("a sample says what has happened", async () => {
  const sample = async (type: string) => (await ask<EventTypeAnswer>(`/console/event_types/${type}`)).body.sample;
  expect(await sample("payout.failed")).toMatchObject({
    object: "payout",
    status: "failed",
    failure_code: "account_closed",
    livemode: false,
  });
  expect(await sample("payout.paid")).toMatchObject({ status: "paid" });
});

test.each(["payout.lost", "account.application.authorized", "toString", "carabiner.webhook_endpoint.failing"])(
  "%s has none, and says so",
  async (type) => {
    const { status, body } = await ask<{ error: object }>(`/console/event_types/${type}`);
    expect([status, body.error]).toEqual([404, expect.objectContaining({ code: "resource_missing", param: "type" })]);
  },
);
