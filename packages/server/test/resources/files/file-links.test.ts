import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";
import { png } from "./image-fixtures.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const logo = { purpose: "business_logo", file: { data: Buffer.from(png(1, 1)), name: "logo.png", type: "image/png" } } as const;

test("are made, changed and listed, and their file shows them", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const now = Math.floor(server.clock.now() / 1_000);
  const file = await stripe.files.create({ ...logo, file_link_data: { create: true } });
  const first = file.links?.data[0]?.id as string;
  const made = await stripe.fileLinks.create({ file: file.id, expires_at: now + 60, metadata: { a: "b" } });
  expect(made).toMatchObject({ object: "file_link", expired: false, expires_at: now + 60, file: file.id, metadata: { a: "b" }, url: null });
  const other = await stripe.files.create(logo);
  const third = await stripe.fileLinks.create({ file: other.id });
  expect((await stripe.files.retrieve(file.id)).links?.data.map(({ id }) => id)).toEqual([made.id, first]);
  expect((await stripe.fileLinks.list({ file: file.id })).data.map(({ id }) => id)).toEqual([made.id, first]);
  expect((await stripe.fileLinks.retrieve(made.id, { expand: ["file"] })).file).toMatchObject({ object: "file", filename: "logo.png" });
  await server.clock.advance({ seconds: 60 });
  expect((await stripe.fileLinks.list({ expired: true })).data.map(({ id }) => id)).toEqual([made.id]);
  expect((await stripe.fileLinks.list({ expired: false })).data.map(({ id }) => id)).toEqual([third.id, first]);
  expect(await stripe.fileLinks.update(first, { expires_at: "now", metadata: { c: "d" } })).toMatchObject({
    expired: true,
    metadata: { c: "d" },
  });
  expect((await stripe.files.retrieve(file.id)).links?.data).toMatchObject([
    { expired: true },
    { id: first, expired: true, metadata: { c: "d" } },
  ]);
  expect(await stripe.fileLinks.update(first, { expires_at: "" })).toMatchObject({ expired: false, expires_at: null });
});

test("a file shows its newest ten, and says that there are more", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const file = await stripe.files.create(logo);
  for (let at = 0; at < 11; at++) await stripe.fileLinks.create({ file: file.id });
  expect((await stripe.files.retrieve(file.id)).links).toMatchObject({ has_more: true, data: { length: 10 } });
  expect((await stripe.fileLinks.list({ file: file.id, limit: 100 })).data).toHaveLength(11);
});

test("bad input names the parameter and makes no link", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const file = await stripe.files.create(logo);
  const passport = await stripe.files.create({ ...logo, purpose: "identity_document" });
  expect(await refusal(stripe.fileLinks.create({ file: "file_none" }))).toMatchObject({
    status: 400,
    code: "resource_missing",
    param: "file",
  });
  expect(await refusal(stripe.fileLinks.create({ file: passport.id }))).toMatchObject({ status: 400, param: "file" });
  expect(await refusal(stripe.fileLinks.create({ file: file.id, expires_at: 1 }))).toMatchObject({ status: 400, param: "expires_at" });
  expect((await stripe.fileLinks.list()).data).toEqual([]);
  const { id } = await stripe.fileLinks.create({ file: file.id });
  for (const expires_at of [1, "soon" as "now"])
    expect(await refusal(stripe.fileLinks.update(id, { expires_at }))).toMatchObject({ status: 400, param: "expires_at" });
  const other = await platformOfItsOwn(server);
  expect(await refusal(other.test.fileLinks.create({ file: file.id }))).toMatchObject({ code: "resource_missing" });
});
