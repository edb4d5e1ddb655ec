import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../src/index.ts";
import type { Limits } from "../src/limits.ts";
import { png } from "./resources/files/image-fixtures.ts";

/**
 * What a client may send, at the edge of each limit: what just fits is taken, and one more is refused or cut off. All
 * limits are far from their defaults, so that what does not respect one answers otherwise.
 */
const LIMITS = {
  requestHeaderBytes: 2_048,
  pathParameterChars: 60,
  jsonDepth: 4,
  idempotencyKeyChars: 10,
  metadataKeys: 2,
  metadataKeyChars: 5,
  metadataValueChars: 6,
  keyOverlapMs: 60_000,
  clockAdvanceSeconds: 50,
  uploadHeaderBytes: 300,
  documentSidePixels: 20,
  brandingFileBytes: 1_000,
  signatureFileBytes: 1_001,
  evidenceFileBytes: 1_002,
  reportFileBytes: 1_003,
  splashscreenFileBytes: 1_004,
  fileBytes: 1_005,
  resendsMostPerSecond: 7,
  endpointRateMostPerSecond: 9,
  paymentAmountUnits: 5_000,
  payoutAmountUnits: 400,
  checkoutLineItems: 2,
  checkoutSessionShortestMs: 60_000,
  checkoutSessionMs: 120_000,
} as const satisfies Partial<Limits>;

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner({ limits: LIMITS });
});
afterAll(() => server.close());

interface Answer {
  status: number;
  headers: Headers;
  body: { id?: string; error?: { code?: string; param?: string; message: string } } & Record<string, unknown>;
}

async function ask(path: string, form: Record<string, string> | null, headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await fetch(server.url + path, {
    method: form === null ? "GET" : "POST",
    headers: { authorization: `Bearer ${server.keys.test.secret}`, ...headers },
    ...(form === null ? {} : { body: new URLSearchParams(form) }),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer["body"] };
}

const now = async (): Promise<number> => (await ask("/v1/test_helpers/clock", null)).body.now as number;

/** Form parameters, each at the edge of its limit and one more, with the code or the words of the refusal. */
const EDGES: [
  limit: keyof typeof LIMITS,
  path: string,
  fits: () => Promise<Record<string, string>>,
  over: () => Promise<Record<string, string>>,
  says: string,
][] = [
  [
    "metadataKeys",
    "/v1/customers",
    async () => ({ "metadata[a]": "1", "metadata[b]": "2" }),
    async () => ({ "metadata[a]": "1", "metadata[b]": "2", "metadata[c]": "3" }),
    "2",
  ],
  ["metadataKeyChars", "/v1/customers", async () => ({ "metadata[abcde]": "1" }), async () => ({ "metadata[abcdef]": "1" }), "5"],
  ["metadataValueChars", "/v1/customers", async () => ({ "metadata[a]": "123456" }), async () => ({ "metadata[a]": "1234567" }), "6"],
  ["clockAdvanceSeconds", "/v1/test_helpers/clock/advance", async () => ({ seconds: "50" }), async () => ({ seconds: "51" }), "50"],
  [
    "paymentAmountUnits",
    "/v1/payment_intents",
    async () => ({ amount: "5000", currency: "usd" }),
    async () => ({ amount: "5001", currency: "usd" }),
    "$50.00",
  ],
  [
    "resendsMostPerSecond",
    "/console/resend_jobs",
    async () => ({ since: "1", rate: "7", dry_run: "true" }),
    async () => ({ since: "1", rate: "8", dry_run: "true" }),
    "7",
  ],
];

test.each(EDGES)("%s of a form", async (_, path, fits, over, says) => {
  expect((await ask(path, await fits())).status).toBe(200);
  const refused = await ask(path, await over());
  expect([refused.status, refused.body.error?.message]).toEqual([400, expect.stringContaining(says)]);
});

test("a request's head has at most requestHeaderBytes", async () => {
  const padded = (chars: number) => ask("/v1/balance", null, { "x-padding": "x".repeat(chars) });
  expect((await padded(1_500)).status).toBe(200);
  const refused = await padded(2_048);
  expect([refused.status, refused.body.error?.message]).toEqual([431, expect.stringContaining("2048")]);
});

test("an id in a path has at most pathParameterChars", async () => {
  const answers = await Promise.all([60, 61].map((chars) => ask(`/v1/customers/${"c".repeat(chars)}`, null)));
  expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  expect(answers[0]?.body.error?.code).toBe("resource_missing");
  expect(answers[1]?.body.error?.code).not.toBe("resource_missing");
});

test("a JSON body nests at most jsonDepth levels", async () => {
  const nested = (levels: number) =>
    fetch(`${server.url}/v2/core/accounts`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${server.keys.test.secret}`,
        "content-type": "application/json",
        "stripe-version": "2026-10-28.endive",
      },
      body: `${'{"x":'.repeat(levels)}1${"}".repeat(levels)}`,
    }).then((answer) => answer.text());
  // The body itself is not a level.
  expect(await nested(5)).toContain("invalid_fields");
  expect(await nested(6)).toContain("4");
});

test("an idempotency key has at most idempotencyKeyChars, and no longer one is sent back", async () => {
  const sent = (key: string) => ask("/v1/customers", {}, { "idempotency-key": key });
  const [fits, over] = [await sent("0123456789"), await sent("0123456789x")];
  expect([fits.status, fits.headers.get("idempotency-key")]).toEqual([200, "0123456789"]);
  expect([over.status, over.headers.get("idempotency-key")]).toEqual([400, null]);
  expect(over.body.error?.message).toContain("10");
});

test("a key that is replaced stays for keyOverlapMs at most", async () => {
  const { body } = await ask("/console/keys", { type: "secret" });
  const refused = await ask(`/console/keys/${body.id}/roll`, { overlap: "61" });
  expect([refused.status, refused.body.error?.param]).toEqual([400, "overlap"]);
  expect((await ask(`/console/keys/${body.id}/roll`, { overlap: "60" })).status).toBe(200);
});

test("an endpoint's own rate is at most endpointRateMostPerSecond", async () => {
  const { body } = await ask("/v1/webhook_endpoints", { url: "http://127.0.0.1:1/hook", "enabled_events[]": "*" });
  const path = `/console/webhook_endpoints/${body.id}`;
  expect((await ask(path, { rate_limit: "9" })).status).toBe(200);
  const refused = await ask(path, { rate_limit: "10" });
  expect([refused.status, refused.body.error?.param]).toEqual([400, "rate_limit"]);
});

test("a payout is at most payoutAmountUnits", async () => {
  const refused = await ask("/v1/payouts", { amount: "401", currency: "usd" });
  expect([refused.status, refused.body.error?.param]).toEqual([400, "amount"]);
  expect(refused.body.error?.message).toContain("400");
  const fits = await ask("/v1/payouts", { amount: "400", currency: "usd" });
  expect(fits.body.error?.message).not.toContain("400");
});

test("a Checkout Session has at most checkoutLineItems, and lasts from checkoutSessionShortestMs to checkoutSessionMs", async () => {
  const item = (n: number) => ({
    [`line_items[${n}][price_data][currency]`]: "usd",
    [`line_items[${n}][price_data][unit_amount]`]: "100",
    [`line_items[${n}][price_data][product_data][name]`]: "Tea",
    [`line_items[${n}][quantity]`]: "1",
  });
  const session = (items: number, more: Record<string, string> = {}) =>
    ask("/v1/checkout/sessions", {
      ...Object.assign({}, ...Array.from({ length: items }, (_, n) => item(n))),
      mode: "payment",
      success_url: "https://example.com/",
      ...more,
    });
  expect([(await session(2)).status, (await session(3)).status]).toEqual([200, 400]);
  const at = await now();
  const within = await Promise.all([70, 110].map((seconds) => session(1, { expires_at: String(at + seconds) })));
  const outside = await Promise.all([50, 130].map((seconds) => session(1, { expires_at: String(at + seconds) })));
  expect([...within, ...outside].map(({ status }) => status)).toEqual([200, 200, 400, 400]);
});

describe("an upload", () => {
  async function upload(purpose: string, bytes: Uint8Array, head = ""): Promise<Answer> {
    const field = `--XX\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n${purpose}\r\n`;
    const file = `--XX\r\n${head}Content-Disposition: form-data; name="file"; filename="f"\r\n\r\n`;
    const answer = await fetch(`${server.url}/v1/files`, {
      method: "POST",
      headers: { authorization: `Bearer ${server.keys.test.secret}`, "content-type": "multipart/form-data; boundary=XX" },
      body: Buffer.concat([Buffer.from(field + file), bytes, Buffer.from("\r\n--XX--\r\n")]),
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer["body"] };
  }

  const padded = (start: Uint8Array, bytes: number) => Buffer.concat([start, Buffer.alloc(bytes - start.length, " ")]);
  const IMAGE = png(10, 10);

  test.each([
    ["brandingFileBytes", "business_logo", IMAGE],
    ["signatureFileBytes", "customer_signature", IMAGE],
    ["evidenceFileBytes", "dispute_evidence", IMAGE],
    ["reportFileBytes", "issuing_regulatory_reporting", Buffer.from("{}")],
    ["splashscreenFileBytes", "terminal_reader_splashscreen", IMAGE],
    ["fileBytes", "pci_document", Buffer.from("%PDF-1.7\n")],
  ] as const)("has at most %s as %s", async (limit, purpose, start) => {
    const most = LIMITS[limit];
    expect((await upload(purpose, padded(start, most))).status).toBe(200);
    const refused = await upload(purpose, padded(start, most + 1));
    expect([refused.status, refused.body.error?.message]).toEqual([400, expect.stringContaining(String(most))]);
  });

  test("as a document has at most documentSidePixels", async () => {
    expect((await upload("identity_document", png(20, 20))).status).toBe(200);
    for (const image of [png(21, 20), png(20, 21)]) expect((await upload("identity_document", image)).body.error?.message).toContain("20");
  });

  test("has parts of whose heads uploadHeaderBytes are read: a name beyond is none", async () => {
    const named = (padding: number) => upload("business_logo", IMAGE, `X-Padding: ${"x".repeat(padding)}\r\n`);
    expect((await named(100)).status).toBe(200);
    const refused = await named(300);
    expect([refused.status, refused.body.error?.message]).toEqual([400, expect.stringContaining("Invalid file")]);
  });
});
