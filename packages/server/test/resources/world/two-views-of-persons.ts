import fc from "fast-check";
import { expect } from "vitest";

type Json = Record<string, unknown>;
type Call = (method: string, path: string, body?: object, account?: string) => Promise<{ status: number; body: Json }>;
type Step = { says: string; run(call: Call, account: string): Promise<unknown> };
type Api = "v1" | "v2/core";

/** The persons that the persons calls of either API have written: only of these do events tell. */
const written = new Set<string>();

/** What is told of a person, through one API or the other. */
const TOLD: readonly (readonly [Api, object])[] = [
  ["v1", { first_name: "Ada", relationship: { owner: true } }],
  ["v1", { dob: { day: 1, month: 1, year: 1901 }, phone: "0000000000", nationality: "de" }],
  ["v1", { address: { line1: "address_full_match", city: "Reno", country: "us" }, gender: "female" }],
  ["v1", { maiden_name: "Byron", full_name_aliases: ["Countess"], metadata: { step: "1" } }],
  ["v1", { id_number: "111111111", ssn_last_4: "0000" }],
  ["v1", { email: "ada@example.com", relationship: { title: "CTO", percent_ownership: 25 } }],
  ["v2/core", { given_name: "Grace", relationship: { representative: true, title: "CEO" } }],
  ["v2/core", { surname: "Hopper", date_of_birth: { day: 1, month: 1, year: 1902 }, legal_gender: "female" }],
  ["v2/core", { address: { line1: "1 Main Street", country: "us" }, nationalities: ["us", "fr"] }],
  ["v2/core", { id_numbers: [{ type: "us_itin", value: "000000000" }], metadata: { step: null } }],
  ["v2/core", { additional_names: [{ purpose: "alias", given_name: "Amazing", surname: "Grace" }], political_exposure: "none" }],
  ["v2/core", { additional_addresses: [{ purpose: "registered", country: "us", city: "Austin" }], relationship: { owner: true } }],
];

/** The id of one of the account's persons, if there is any. */
async function personAt(call: Call, account: string, at: number): Promise<string | undefined> {
  const { data = [] } = (await call("GET", `/v1/accounts/${account}/persons?limit=100`)).body as { data?: Json[] };
  return data.length === 0 ? undefined : (data[at % data.length]?.id as string);
}

async function write(call: Call, path: string, params: object): Promise<{ status: number }> {
  const answer = await call("POST", path, params);
  if (answer.status === 200) written.add(String(answer.body.id));
  return answer;
}

const told = fc.constantFrom(...TOLD);
const at = fc.nat(5);

/** Persons are added, changed and deleted, through either API. */
export const PERSON_STEPS: { weight: number; arbitrary: fc.Arbitrary<Step> }[] = [
  {
    weight: 3,
    arbitrary: told.map(([api, params]) => ({
      says: `add a person through ${api}: ${JSON.stringify(params)}`,
      run: (call, account) => write(call, `/${api}/accounts/${account}/persons`, params),
    })),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(told, at).map(([[api, params], which]) => ({
      says: `tell ${api} of person ${which}: ${JSON.stringify(params)}`,
      async run(call, account) {
        const id = await personAt(call, account, which);
        return id === undefined ? undefined : write(call, `/${api}/accounts/${account}/persons/${id}`, params);
      },
    })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom<Api>("v1", "v2/core"), at).map(([api, which]) => ({
      says: `delete person ${which} through ${api}`,
      async run(call, account) {
        const id = await personAt(call, account, which);
        return id === undefined ? undefined : call("DELETE", `/${api}/accounts/${account}/persons/${id}`);
      },
    })),
  },
];

interface ToldOfPerson {
  id: string;
  what: string;
  person: string;
}

/** The persons of an account in both APIs, and the events of both that were told so far. */
export interface LookedAtPersons {
  v1: Map<string, Json>;
  v2: Map<string, Json>;
  v1Told: ToldOfPerson[];
  v2Told: ToldOfPerson[];
}

export async function lookAtPersons(call: Call, account: string, v2Events: readonly Json[]): Promise<LookedAtPersons> {
  const types = ["created", "updated", "deleted"].map((what, index) => `types[${index}]=person.${what}`).join("&");
  const [v1, v2, events] = [
    await call("GET", `/v1/accounts/${account}/persons?limit=100`),
    await call("GET", `/v2/core/accounts/${account}/persons?limit=100`),
    await call("GET", `/v1/events?${types}&limit=100`, undefined, account),
  ];
  for (const { status, body } of [v1, v2, events]) expect(status, JSON.stringify(body)).toBe(200);
  const byId = (rows: unknown) => new Map((rows as Json[]).map((row) => [String(row.id), row]));
  const what = (type: unknown) => String(type).split(".").at(-1) ?? "";
  return {
    v1: byId(v1.body.data),
    v2: byId(v2.body.data),
    v1Told: (events.body.data as { id: string; type: string; data: { object: Json } }[]).map(({ id, type, data }) => ({
      id,
      what: what(type),
      person: String(data.object.id),
    })),
    v2Told: v2Events
      .filter(({ type }) => String(type).startsWith("v2.core.account_person."))
      .map(({ id, type, related_object }) => ({ id: String(id), what: what(type), person: String((related_object as Json).id) })),
  };
}

/** Each API told of exactly the persons that it shows otherwise. */
export function expectPersonsTold(before: LookedAtPersons, after: LookedAtPersons): void {
  for (const api of ["v1", "v2"] as const) {
    const known = new Set(before[`${api}Told`].map(({ id }) => id));
    const fresh = after[`${api}Told`].filter(({ id }) => !known.has(id));
    for (const id of new Set([...before[api].keys(), ...after[api].keys()])) {
      const [was, is] = [before[api].get(id), after[api].get(id)];
      const toldOf = fresh.filter(({ person }) => person === id).map(({ what }) => what);
      const said = `${api} of ${id}: ${toldOf.join(", ")}`;
      if (!written.has(id)) expect(toldOf, said).toEqual([]);
      else if (is === undefined) expect(toldOf, said).toContain("deleted");
      else if (was === undefined) expect(toldOf, said).toContain("created");
      // Several turns of the clock may lie between, and a person may be as before in the end.
      else if (!same(was, is)) expect(toldOf.length, said).toBeGreaterThan(0);
      else if (fresh.length <= 1) expect(toldOf, said).toEqual([]);
    }
  }
}

const same = (one: Json, other: Json): boolean => JSON.stringify({ ...one, updated: null }) === JSON.stringify({ ...other, updated: null });

const small = (country: unknown) => (typeof country === "string" ? country.toLowerCase() : null);

/** Both APIs show the same persons. */
export function expectSamePersons({ v1, v2 }: LookedAtPersons): void {
  expect([...v2.keys()]).toEqual([...v1.keys()]);
  for (const [id, one] of v1) {
    const other = v2.get(id) as Json;
    for (const [inV1, inV2] of Object.entries({
      email: "email",
      first_name: "given_name",
      gender: "legal_gender",
      last_name: "surname",
      metadata: "metadata",
      phone: "phone",
      political_exposure: "political_exposure",
    }))
      expect(other[inV2] ?? null, `${id} ${inV2}`).toEqual(one[inV1] ?? null);
    const dob = one.dob as { day: number | null };
    expect(other.date_of_birth ?? null, `${id} dob`).toEqual(dob.day === null ? null : dob);
    const [address, addressInV2] = [one.address as Json, (other.address ?? {}) as Json];
    for (const field of ["city", "line1", "postal_code", "state"])
      expect(addressInV2[field] ?? null, `${id} address.${field}`).toBe(address[field]);
    expect(addressInV2.country ?? null, `${id} address.country`).toBe(small(address.country));
    expect(((other.nationalities ?? []) as string[])[0] ?? null, `${id} nationality`).toBe(small(one.nationality));
    const [relationship, inV2] = [one.relationship as Json, (other.relationship ?? {}) as Json];
    for (const role of ["director", "executive", "owner", "representative"])
      expect(inV2[role] ?? false, `${id} ${role}`).toBe(relationship[role]);
    expect(inV2.title ?? null, `${id} title`).toBe(relationship.title);
    expect(inV2.percent_ownership ?? null).toBe(relationship.percent_ownership === null ? null : String(relationship.percent_ownership));
    const numbers = ((other.id_numbers ?? []) as { type: string }[]).map(({ type }) => type);
    expect(
      numbers.some((type) => type === "us_ssn_last_4"),
      `${id} last four`,
    ).toBe(one.ssn_last_4_provided === true && numbers.includes("us_ssn_last_4"));
    expect(numbers.filter((type) => type !== "us_ssn_last_4").length, `${id} numbers`).toBe(one.id_number_provided === true ? 1 : 0);
  }
}
