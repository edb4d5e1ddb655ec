import type { EventType } from "@carabiner/protocol";
import type { Cause } from "./cause.ts";
import type { Stage } from "./stage.ts";

interface Identified {
  id: string;
}

const UPDATED = { metadata: { triggered: "yes" } };
const PERSON = { first_name: "Jenny", last_name: "Rosen", relationship: { title: "CEO" } };

async function person(stage: Stage): Promise<{ account: string; id: string }> {
  const account = stage.named ?? (await stage.newAccount("custom"));
  const { id } = await stage.platform.post<Identified>(`/v1/accounts/${account}/persons`, PERSON);
  return { account, id };
}

/**
 * The data of a person who cannot be verified: in test mode this number matches nobody. Source:
 * https://docs.stripe.com/connect/testing-verification
 */
const UNVERIFIABLE = {
  id_number: "111111111",
  dob: { day: 1, month: 1, year: 1980 },
  address: { line1: "address_full_match", city: "San Francisco", state: "CA", postal_code: "94111" },
  email: "jenny@example.com",
  phone: "0000000000",
} as const;

/** The representative of a new account that wants to charge, who is verified as soon as all data is given. */
async function representative(stage: Stage): Promise<{ account: string; id: string }> {
  const { id: account } = await stage.platform.post<Identified>("/v1/accounts", {
    type: "custom",
    country: "US",
    business_type: "individual",
    capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
  });
  const { id } = await stage.platform.post<Identified>(`/v1/accounts/${account}/persons`, {
    ...PERSON,
    relationship: { representative: true },
  });
  return { account, id };
}

/** How to cause the events of the people of an account. */
export const CAUSES_OF_PEOPLE: Readonly<Partial<Record<EventType, Cause>>> = {
  "person.created": {
    what: "a person was added",
    async run(stage) {
      const account = stage.named ?? (await stage.newAccount("custom"));
      await stage.cause(stage.platform, `/v1/accounts/${account}/persons`, PERSON);
    },
  },
  "person.deleted": {
    what: "a person was removed",
    async run(stage) {
      const { account, id } = await person(stage);
      await stage.platform.delete(`/v1/accounts/${account}/persons/${id}`);
    },
  },
  "person.updated": {
    what: "a person was changed; a new one gave a number that matches nobody, and cannot be verified two minutes later",
    async run(stage) {
      const { account, id } = await (stage.named === null ? representative(stage) : person(stage));
      await stage.cause(stage.platform, `/v1/accounts/${account}/persons/${id}`, stage.named === null ? UNVERIFIABLE : UPDATED);
    },
  },
};
