import { ApiError } from "@carabiner/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderAccountPerson } from "../connected-account/rendering/render-account-person.ts";
import { renderPerson } from "../connected-account/rendering/render-person.ts";
import { newAccount } from "../connected-account/state/new-account.ts";
import type { Person } from "../connected-account/state/person-state.ts";
import type { ToldOfAccountPerson } from "./account-person-parameters.ts";
import { changePerson, newPerson } from "./change-person.ts";
import { toldInV1 } from "./told-in-v1.ts";

const row = { id: "acct_1", created: 0, apiVersion: "2024-06-20", deleted: false, data: {} };
const account = { row, state: newAccount({ country: "US", type: "custom", livemode: false }) };
const blank = newPerson(account, { id: "person_1", now: 0 });
const at = { now: 1_000, livemode: false };

/** Countries in capital letters, as the decoder passes them on. */
const decoded = (by: ToldOfAccountPerson): ToldOfAccountPerson =>
  JSON.parse(JSON.stringify(by), (key, value) =>
    key === "country" ? value.toUpperCase() : key === "nationalities" ? value.map((country: string) => country.toUpperCase()) : value,
  );
const told = (person: Person, by: ToldOfAccountPerson) => changePerson(person, toldInV1(decoded(by), ""), at);
const inV2 = (person: Person) => renderAccountPerson(person, "US");

const text = fc.stringMatching(/^[a-z]{1,8}$/);
/** A hash with any of the fields, but at least one. */
const some = <Fields extends Record<string, fc.Arbitrary<unknown>>>(fields: Fields) =>
  fc.record(fields, { requiredKeys: [] }).filter((hash) => Object.keys(hash).length > 0) as fc.Arbitrary<Record<string, never>>;
const address = some({ city: text, country: fc.constant("us"), line1: text, line2: text, postal_code: text, state: text, town: text });
const name = some({ given_name: text, surname: text });
const papers = fc.record({ files: fc.array(text, { minLength: 1, maxLength: 3 }), type: fc.constant("files" as const) });
const sides = fc.record({
  front_back: fc.oneof(fc.record({ front: text }), fc.record({ front: text, back: text })),
  type: fc.constant("front_back" as const),
});
const flags = Object.fromEntries(
  ["authorizer", "director", "executive", "legal_guardian", "owner", "representative"].map((role) => [role, fc.boolean()]),
);

/** Anything that v2 can be told and shows as told. */
const anyone = fc.record(
  {
    additional_addresses: address.map((one) => [{ ...one, purpose: "registered" as const }]),
    additional_names: fc.array(
      fc.oneof(
        fc.record({ full_name: text, purpose: fc.constant("alias" as const) }),
        fc.record({ given_name: text, surname: text, purpose: fc.constantFrom("alias" as const, "maiden" as const) }),
      ),
      { minLength: 1, maxLength: 3 },
    ),
    additional_terms_of_service: fc.record({
      account: fc.record({ date: fc.constant("2026-01-01T00:00:00.000Z"), ip: text, user_agent: text }),
    }),
    address,
    date_of_birth: fc.record({ day: fc.integer({ min: 1, max: 28 }), month: fc.integer({ min: 1, max: 12 }), year: fc.constant(1980) }),
    documents: some({
      company_authorization: papers,
      passport: papers,
      primary_verification: sides,
      secondary_verification: sides,
      visa: papers,
    }),
    email: text,
    given_name: text,
    id_numbers: fc.subarray(
      [
        { type: "us_itin" as const, value: "000000000" },
        { type: "us_ssn_last_4" as const, value: "0000" },
      ],
      { minLength: 1 },
    ),
    legal_gender: fc.constantFrom("female" as const, "male" as const),
    metadata: some({ a: text, b: text }),
    nationalities: fc.uniqueArray(fc.constantFrom("us", "de", "fr"), { minLength: 1 }),
    phone: text,
    political_exposure: fc.constantFrom("existing" as const, "none" as const),
    relationship: some({ ...flags, percent_ownership: fc.integer({ min: 0, max: 100 }), title: text }),
    script_addresses: some({ kana: address, kanji: address }),
    script_names: some({ kana: name, kanji: name }),
    surname: text,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<ToldOfAccountPerson>;

/** What v2 should show of someone of whom it was told this. */
function asShown({ id_numbers: numbers, relationship, ...same }: ToldOfAccountPerson): object {
  const percent = relationship?.percent_ownership;
  return {
    ...same,
    ...(numbers === undefined ? {} : { id_numbers: numbers.map(({ type }) => ({ type })) }),
    ...(relationship === undefined
      ? {}
      : { relationship: { ...relationship, ...(percent === undefined ? {} : { percent_ownership: String(percent) }) } }),
  };
}

const OF_EACH = {
  id: "person_1",
  object: "v2.core.account_person",
  account: "acct_1",
  created: "1970-01-01T00:00:00.000Z",
  livemode: false,
};

describe("a person told through v2", () => {
  test("is shown by v2 as it was told, and nothing else of it", () => {
    fc.assert(
      fc.property(anyone, (by) => {
        expect(inV2(told(blank, by))).toEqual({ ...OF_EACH, metadata: {}, updated: "1970-01-01T00:00:01.000Z", ...asShown(by) });
      }),
    );
  });

  test("keeps what a second telling leaves out, and has what it tells", () => {
    fc.assert(
      fc.property(anyone, anyone, (first, second) => {
        const shown = inV2(told(told(blank, first), second));
        const { id_numbers, additional_names, nationalities } = second;
        for (const [field, list] of Object.entries({ additional_names, nationalities }))
          if (list !== undefined) expect(shown[field as "nationalities"]).toEqual(list);
        const types = new Set([...(first.id_numbers ?? []), ...(id_numbers ?? [])].map(({ type }) => type));
        expect(new Set((shown.id_numbers ?? []).map(({ type }) => type))).toEqual(types);
        expect(shown.given_name).toBe(second.given_name ?? first.given_name);
        expect(shown.address).toEqual((first.address ?? second.address) ? { ...first.address, ...second.address } : undefined);
      }),
    );
  });

  test("holds no number and no secret", () => {
    const person = told(blank, {
      id_numbers: [
        { type: "us_ssn", value: "123456789" },
        { type: "us_ssn_last_4", value: "6789" },
      ],
    });
    expect(JSON.stringify(person)).not.toMatch(/6789/);
    expect(renderPerson(person, "US")).toMatchObject({ id_number_provided: true, ssn_last_4_provided: true });
  });

  test("is refused with two numbers where v1 has one", () => {
    const both = {
      id_numbers: [
        { type: "us_ssn" as const, value: "1" },
        { type: "us_itin" as const, value: "2" },
      ],
    };
    expect(() => toldInV1(both, "")).toThrow(ApiError);
    expect(() => toldInV1(both, "individual")).toThrow(/individual\[id_numbers\]\[1\]|id_numbers\[1\]/);
  });
});

describe("a person told through v1", () => {
  const byV1 = (person: Person, change: object) => changePerson(person, change as never, at);

  test("is shown by v2 in its words", () => {
    const person = byV1(blank, {
      first_name: "Jenny",
      last_name: "Rosen",
      maiden_name: "Ropes",
      full_name_aliases: ["Jen Rosen"],
      dob: { day: 1, month: 2, year: 1980 },
      gender: "female",
      id_number: "000000000",
      nationality: "US",
      registered_address: { city: "Fort Worth", country: "US" },
      verification: { document: { front: "file_1", back: "file_2" } },
    });
    expect(inV2(person)).toMatchObject({
      given_name: "Jenny",
      surname: "Rosen",
      additional_names: [
        { purpose: "alias", full_name: "Jen Rosen" },
        { purpose: "maiden", surname: "Ropes" },
      ],
      date_of_birth: { day: 1, month: 2, year: 1980 },
      legal_gender: "female",
      id_numbers: [{ type: "us_ssn" }],
      nationalities: ["us"],
      additional_addresses: [{ purpose: "registered", city: "Fort Worth", country: "us" }],
      documents: { primary_verification: { front_back: { front: "file_1", back: "file_2" }, type: "front_back" } },
    });
  });

  test("loses what only v2 knew as soon as v1 tells otherwise", () => {
    const person = told(blank, {
      additional_names: [{ given_name: "Jen", surname: "Rosen", purpose: "alias" }],
      nationalities: ["US", "DE"],
      id_numbers: [{ type: "us_itin", value: "000000000" }],
    });
    expect(renderPerson(person, "US")).toMatchObject({ full_name_aliases: ["Jen Rosen"], nationality: "US" });
    const changed = byV1(person, { full_name_aliases: ["J R"], nationality: "FR", id_number: "000000000" });
    expect(inV2(changed)).toMatchObject({
      additional_names: [{ full_name: "J R", purpose: "alias" }],
      nationalities: ["fr"],
      id_numbers: [{ type: "us_ssn" }],
    });
  });

  test("has a number of the type of its country, or of none that v2 knows", () => {
    const numbered = byV1(blank, { id_number: "1", id_number_secondary: "2" });
    expect(renderAccountPerson(numbered, "TH").id_numbers).toEqual([{ type: "th_pin" }, { type: "th_lc" }]);
    expect(renderAccountPerson(numbered, "SG").id_numbers).toEqual([{ type: "sg_nric" }]);
    expect(renderAccountPerson(numbered, "AU").id_numbers).toBeUndefined();
  });
});
