import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { type Platform, platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";
import { png } from "./image-fixtures.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

type Purpose = Stripe.FileCreateParams.Purpose;
const upload = async (stripe: Stripe, purpose: Purpose = "identity_document", as?: Stripe.RequestOptions) => {
  const file = { data: Buffer.from(png(100, 50)), name: "file.png", type: "image/png" };
  return (await stripe.files.create({ purpose, file }, as)).id;
};

/** Every way to name a file, and the parameter that the refusal of it names. */
const WAYS: readonly [param: string, name: (stripe: Stripe, account: string, file: string) => Promise<unknown>][] = [
  [
    "individual[verification][document][front]",
    (s, id, front) => s.accounts.update(id, { individual: { verification: { document: { front } } } }),
  ],
  [
    "individual[verification][additional_document][back]",
    (s, id, back) => s.accounts.update(id, { individual: { verification: { additional_document: { back } } } }),
  ],
  [
    "company[verification][document][front]",
    (s, id, front) => s.accounts.update(id, { company: { verification: { document: { front } } } }),
  ],
  ["documents[company_license][files][0]", (s, id, one) => s.accounts.update(id, { documents: { company_license: { files: [one] } } })],
  [
    "documents[proof_of_registration][files][1]",
    (s, id, one) => s.accounts.update(id, { documents: { proof_of_registration: { files: ["file_relationship_document_success", one] } } }),
  ],
  ["verification[document][back]", (s, id, back) => s.accounts.createPerson(id, { verification: { document: { back } } })],
  ["documents[passport][files][0]", (s, id, one) => s.accounts.createPerson(id, { documents: { passport: { files: [one] } } })],
  [
    "account[individual][verification][document][front]",
    (s, _, front) => s.tokens.create({ account: { individual: { verification: { document: { front } } } } }),
  ],
  ["person[verification][document][front]", (s, _, front) => s.tokens.create({ person: { verification: { document: { front } } } })],
  [
    "individual[verification][document][front]",
    (s, _, front) =>
      s.accounts.create({ type: "custom", business_type: "individual", individual: { verification: { document: { front } } } }),
  ],
];

const custom = (stripe: Stripe) => stripe.accounts.create({ type: "custom", business_type: "individual" });

describe("a file that is named", () => {
  test.each(WAYS)(
    "as %s must be there, of the one who names it or the account, in its mode, for something that fits",
    async (param, name) => {
      const { test: stripe, live } = await platformOfItsOwn(server);
      const other = await platformOfItsOwn(server);
      const { id } = await custom(stripe);
      const stranger = await custom(stripe);
      const refused = { status: 400, code: "resource_missing", param };
      const wrong = [
        "file_doesnotexist",
        id,
        await upload(live),
        await upload(other.test),
        await upload(stripe, "business_logo"),
        await upload(stripe, "identity_document", { stripeAccount: stranger.id }),
      ];
      for (const file of wrong) expect(await refusal(name(stripe, id, file)), file).toMatchObject(refused);
      await name(stripe, id, await upload(stripe));
      await name(stripe, id, "file_identity_document_success");
    },
  );

  test("may be the account's own", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await custom(stripe);
    const front = await upload(stripe, "identity_document", { stripeAccount: id });
    const account = await stripe.accounts.update(id, { individual: { verification: { document: { front } } } });
    expect(account.individual?.verification?.document?.front).toBe(front);
    await stripe.accounts.update(id, { individual: { verification: { document: { front: "" } } } });
  });

  test("changes nothing where it is refused", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await custom(stripe);
    const before = await stripe.accounts.retrieve(id);
    const change = { email: "new@example.com", individual: { verification: { document: { front: "file_doesnotexist" } } } };
    expect(await refusal(stripe.accounts.update(id, change))).toMatchObject({ status: 400 });
    expect({ ...(await stripe.accounts.retrieve(id)), lastResponse: null }).toEqual({ ...before, lastResponse: null });
  });

  test("is in live mode never one that test mode knows by name", async () => {
    const { live }: Platform = await platformOfItsOwn(server);
    const { id } = await live.accounts.create({ type: "custom", business_type: "individual" });
    const named = (front: string) => live.accounts.update(id, { individual: { verification: { document: { front } } } });
    for (const file of ["file_doesnotexist", "file_identity_document_success"])
      expect(await refusal(named(file)), file).toMatchObject({ status: 400, code: "resource_missing" });
    expect((await named(await upload(live))).individual?.verification?.document?.front).toMatch(/^file_/);
  });

  test("as an icon or a logo was uploaded as one", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await custom(stripe);
    const shown = (file: string) => stripe.accounts.update(id, { settings: { branding: { icon: file, logo: file } } });
    expect(await refusal(shown(await upload(stripe)))).toMatchObject({ status: 400, param: "settings[branding][icon]" });
    const logo = await upload(stripe, "business_logo");
    expect((await shown(logo)).settings?.branding).toMatchObject({ icon: logo, logo });
  });

  test("of a bank account shows who owns it", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await custom(stripe);
    const bank = await stripe.accounts.createExternalAccount(id, { external_account: "btok_us" });
    const documents = (file: string) => ({ documents: { bank_account_ownership_verification: { files: [file] } } });
    expect(await refusal(stripe.accounts.updateExternalAccount(id, bank.id, documents("file_doesnotexist")))).toMatchObject({
      status: 400,
      param: "documents[bank_account_ownership_verification][files][0]",
    });
    await stripe.accounts.updateExternalAccount(id, bank.id, documents(await upload(stripe, "account_requirement")));
  });
});
