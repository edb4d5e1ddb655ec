import { hash } from "node:crypto";
import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Carabiner } from "../../../src/carabiner.ts";
import { DEFAULT_LIMITS } from "../../../src/limits.ts";
import { startCarabiner } from "../../../src/start-carabiner.ts";
import { type Platform, platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";
import { jpeg, png } from "./image-fixtures.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const PNG = Buffer.from(png(100, 50));
const PDF = Buffer.from("%PDF-1.7\n");

const fileOf = (data: Uint8Array, name = "passport.png", type = "image/png") => ({ data: Buffer.from(data), name, type });
const passport = (more: Partial<Stripe.FileCreateParams> = {}): Stripe.FileCreateParams => ({
  purpose: "identity_document",
  file: fileOf(PNG),
  ...more,
});

/** All of a platform that a refused upload could have changed. */
async function known({ test: stripe }: Platform): Promise<string> {
  return JSON.stringify([(await stripe.files.list({ limit: 100 })).data, (await stripe.events.list({ limit: 100 })).data]);
}

/** A body of a test's own making. */
async function send(key: string, body: Uint8Array | string, headers: Record<string, string> = {}, path = "/v1/files") {
  const answer = await fetch(server.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "multipart/form-data; boundary=XX", ...headers },
    body,
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as { id: string; error: Record<string, string> } };
}

const part = (head: string, body: string) => `--XX\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;

describe("an upload", () => {
  test("answers what the file is, and tells of it", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { lastResponse: _, ...file } = await stripe.files.create(passport());
    expect(file).toEqual({
      id: expect.stringMatching(/^file_\w{24}$/),
      object: "file",
      created: expect.any(Number),
      expires_at: null,
      filename: "passport.png",
      links: { object: "list", data: [], has_more: false, url: `/v1/file_links?file=${file.id}` },
      purpose: "identity_document",
      size: PNG.length,
      title: null,
      type: "png",
      url: null,
    });
    const { lastResponse: __, ...read } = await stripe.files.retrieve(file.id);
    expect(read).toEqual(file);
    const { data } = await stripe.events.list();
    expect(data.map(({ type }) => type)).toEqual(["file.created"]);
    expect(data[0]?.data.object).toEqual(file);
  });

  test("is judged by its content, whatever its name", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    expect(await stripe.files.create(passport({ file: fileOf(jpeg(8_000, 8_000), "a.pdf", "application/pdf") }))).toMatchObject({
      type: "jpg",
      filename: "a.pdf",
    });
    expect(await stripe.files.create(passport({ file: fileOf(PDF) }))).toMatchObject({ type: "pdf" });
    const csv = { file: fileOf(Buffer.from("a,b"), "tax.csv"), purpose: "tax_document_user_upload" } as const;
    expect(await stripe.files.create(csv)).toMatchObject({ type: "csv", purpose: "tax_document_user_upload" });
  });

  test("may ask for a link, which leads nowhere, as nothing is kept to download", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const expires_at = Math.floor(server.clock.now() / 1_000) + 60;
    const file_link_data = { create: true, expires_at, metadata: { key: "value" } };
    const file = await stripe.files.create({ ...passport(), purpose: "dispute_evidence", file_link_data });
    expect(file.expires_at).toBe(file.created + 274 * 86_400);
    expect(file.links?.data).toEqual([
      {
        id: expect.stringMatching(/^link_\w{24}$/),
        object: "file_link",
        created: file.created,
        expired: false,
        expires_at,
        file: file.id,
        livemode: false,
        metadata: { key: "value" },
        url: null,
      },
    ]);
    await server.clock.advance({ seconds: 60 });
    expect((await stripe.files.retrieve(file.id)).links?.data).toMatchObject([{ expired: true }]);
  });

  test("with the same idempotency key happens once, and is refused with another file", async () => {
    const platform = await platformOfItsOwn(server);
    const { test: stripe } = platform;
    const idempotencyKey = "once";
    const first = await stripe.files.create(passport(), { idempotencyKey });
    const before = await known(platform);
    expect((await stripe.files.create(passport(), { idempotencyKey })).id).toBe(first.id);
    expect(await refusal(stripe.files.create(passport({ file: fileOf(png(1, 1)) }), { idempotencyKey }))).toMatchObject({
      status: 400,
      type: "StripeIdempotencyError",
    });
    expect(await known(platform)).toBe(before);
  });

  test("for a connected account is that account's", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: stripeAccount } = await stripe.accounts.create({ type: "custom" });
    const { id } = await stripe.files.create(passport(), { stripeAccount });
    expect(await stripe.files.retrieve(id, {}, { stripeAccount })).toMatchObject({ id });
    expect(await refusal(stripe.files.retrieve(id))).toMatchObject({ status: 404, code: "resource_missing" });
    expect((await stripe.events.list({ type: "file.created" }, { stripeAccount })).data).toHaveLength(1);
  });
});

describe("an upload is refused, and changes nothing,", () => {
  const document = DEFAULT_LIMITS.documentFileBytes;
  const large = (bytes: number) => Buffer.concat([PNG, Buffer.alloc(bytes - PNG.length)]);

  test.each<[why: string, params: Partial<Stripe.FileCreateParams>, refused: object]>([
    ["of a type its purpose does not take", { file: fileOf(Buffer.from("GIF89a")) }, { code: "file_type_invalid", param: "file" }],
    ["of no known type", { file: fileOf(Buffer.from([1, 2, 3, 0, 255])) }, { code: "file_type_invalid", param: "file" }],
    ["of nothing", { file: fileOf(Buffer.alloc(0)) }, { param: "file" }],
    ["too large", { file: fileOf(large(document + 1)) }, { code: "file_too_large", param: "file" }],
    ["too large a logo", { purpose: "business_logo", file: fileOf(large(512 * 1_024 + 1)) }, { code: "file_too_large", param: "file" }],
    ["with too many pixels", { file: fileOf(png(8_001, 1)) }, { param: "file", message: expect.stringContaining("8000") }],
    ["with no pixels", { file: fileOf(jpeg(0, 1)) }, { param: "file", message: expect.stringContaining("begins as a JPG image") }],
    [
      "of garbage after the signature of a PNG",
      { file: fileOf(Buffer.concat([PNG.subarray(0, 8), Buffer.alloc(200, "garbage")])) },
      { param: "file", message: expect.stringContaining("begins as a PNG image, but where such an image has its width and height") },
    ],
    ["for an unknown purpose", { purpose: "holiday_pictures" }, { param: "purpose" }],
    ["for a purpose that only Stripe has", { purpose: "selfie" }, { param: "purpose" }],
    [
      "with a link half asked for",
      { file_link_data: { expires_at: 1 } as never },
      { code: "parameter_missing", param: "file_link_data[create]" },
    ],
  ])("%s", async (_, params, refused) => {
    const platform = await platformOfItsOwn(server);
    const before = await known(platform);
    expect(await refusal(platform.test.files.create(passport(params)))).toMatchObject({ status: 400, ...refused });
    expect(await known(platform)).toBe(before);
  });

  test("when the whole is larger than an upload may be", async () => {
    const platform = await platformOfItsOwn(server);
    const before = await known(platform);
    const { secret } = platform.keys.test;
    const body = Buffer.alloc(DEFAULT_LIMITS.uploadBodyBytes + 1);
    expect(await send(secret, body)).toMatchObject({
      status: 413,
      body: { error: { message: expect.stringContaining(String(DEFAULT_LIMITS.uploadBodyBytes)) } },
    });
    expect(await known(platform)).toBe(before);
  });

  test.each<[why: string, body: string, refused: object]>([
    ["that is cut off", part('name="purpose"', "identity_document"), { message: expect.stringContaining("ends early") }],
    ["without a file", `${part('name="purpose"', "identity_document")}--XX--`, { code: "parameter_missing", param: "file" }],
    ["whose file is no file", `${part('name="file"', "x")}${part('name="purpose"', "identity_document")}--XX--`, { param: "file" }],
    [
      "with its file under another name",
      `${part('name="picture"; filename="a"', "x")}--XX--`,
      { code: "parameter_unknown", param: "picture" },
    ],
    [
      "with a file and a value of the same name",
      `${part('name="file"; filename="a"', "x")}${part('name="file"', "x")}--XX--`,
      { code: "parameter_duplicate", param: "file" },
    ],
    ["with a parameter twice", `${part('name="purpose"', "x").repeat(2)}--XX--`, { code: "parameter_duplicate", param: "purpose" }],
    ["with an unknown parameter", `${part('name="surprise"', "x")}--XX--`, { code: "parameter_unknown", param: "surprise" }],
    ["with a name that means something to JavaScript", `${part('name="__proto__[a]"', "x")}--XX--`, { code: "parameter_unknown" }],
  ])("%s", async (_, body, refused) => {
    const platform = await platformOfItsOwn(server);
    const before = await known(platform);
    const answer = await send(platform.keys.test.secret, body);
    expect(answer).toMatchObject({ status: 400, body: { error: refused } });
    expect(await known(platform)).toBe(before);
  });

  test("as a form or as JSON, which bring no file", async () => {
    const { keys } = await platformOfItsOwn(server);
    for (const [type, body] of [
      ["application/json", '{"purpose":"identity_document"}'],
      ["application/x-www-form-urlencoded", "purpose=identity_document&file=x"],
    ])
      expect(await send(keys.test.secret, body ?? "", { "content-type": type ?? "" })).toMatchObject({
        status: 400,
        body: { error: { code: "parameter_missing", param: "file" } },
      });
  });

  test("without a good key, before anything of it is judged", async () => {
    expect(await send("sk_test_wrong", part('name="surprise"', "x"))).toMatchObject({ status: 401 });
  });

  test("by every other call, whose bodies stay small", async () => {
    const { keys } = await platformOfItsOwn(server);
    expect(await send(keys.test.secret, `${part('name="name"', "x")}--XX--`, {}, "/v1/customers")).toMatchObject({ status: 415 });
    const large = "x".repeat(DEFAULT_LIMITS.requestBodyBytes + 1);
    expect(await send(keys.test.secret, large, {}, "/v1/customers")).toMatchObject({ status: 413 });
    expect(await send(keys.test.secret, large, { "content-type": "application/json" })).toMatchObject({
      status: 413,
      body: { error: { message: expect.stringContaining(String(DEFAULT_LIMITS.requestBodyBytes)) } },
    });
  });
});

describe("a list of files", () => {
  test("is newest first, and narrowed by purpose and time", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const logo = await stripe.files.create(passport({ purpose: "business_logo" }));
    await server.clock.advance({ seconds: 10 });
    const document = await stripe.files.create(passport());
    const ids = async (params: Stripe.FileListParams) => (await stripe.files.list(params)).data.map(({ id }) => id);
    expect(await ids({})).toEqual([document.id, logo.id]);
    expect(await ids({ purpose: "business_logo" })).toEqual([logo.id]);
    expect(await ids({ purpose: "selfie" })).toEqual([]);
    expect(await ids({ created: { gt: logo.created } })).toEqual([document.id]);
    expect(await ids({ limit: 1, starting_after: document.id })).toEqual([logo.id]);
    expect(await ids({ limit: 1, ending_before: logo.id })).toEqual([document.id]);
    expect(await refusal(stripe.files.list({ purpose: "holiday_pictures" }))).toMatchObject({ status: 400, param: "purpose" });
    expect(await refusal(stripe.files.list({ starting_after: "file_1" }))).toMatchObject({
      code: "resource_missing",
      param: "starting_after",
    });
  });

  test("and its files are of nobody else, and of no other mode", async () => {
    const [owner, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    const { id } = await owner.test.files.create(passport());
    expect(await refusal(other.test.files.retrieve(id))).toMatchObject({ status: 404, code: "resource_missing" });
    expect(await refusal(owner.live.files.retrieve(id))).toMatchObject({ status: 404, message: expect.stringContaining("test mode") });
    expect((await other.test.files.list()).data).toEqual([]);
    expect((await owner.live.files.list()).data).toEqual([]);
  });
});

test("the content of a file is not stored anywhere", async () => {
  const { keys, test: stripe } = await platformOfItsOwn(server);
  const { id } = await stripe.files.create(passport({ file: fileOf(Buffer.concat([PNG, Buffer.from("what nobody must keep")])) }));
  const told = [await stripe.files.retrieve(id), await stripe.events.list(), await send(keys.test.secret, "")];
  expect(JSON.stringify(told)).not.toContain("what nobody must keep");
  expect(JSON.stringify(told)).not.toContain(hash("sha256", PNG, "hex"));
});
