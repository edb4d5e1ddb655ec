import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../store/contract/rows.ts";
import { newAccount } from "../connected-account/state/new-account.ts";
import type { Person } from "../connected-account/state/person-state.ts";
import { newPerson } from "./change-person.ts";
import { checkDeletion, checkRepresentative } from "./relationship-rules.ts";

const row = { id: "acct_1", created: 0, apiVersion: "2024-06-20", deleted: false, data: {} };
const state = newAccount({ country: "US", type: "custom", livemode: false });

function person(id: string, relationship: JsonObject, status = "unverified"): Person {
  const made = newPerson({ row, state }, { id, now: 0 });
  const verification = { ...made.state.derived.verification, status };
  return { ...made, state: { ...made.state, given: { relationship }, derived: { ...made.state.derived, verification } } };
}

describe("a representative", () => {
  const known = person("person_1", { representative: true });

  test("may stay one, and others may be anything else", () => {
    const other = person("person_2", { representative: false, owner: true, director: true });
    expect(() => checkRepresentative({ persons: [known, other] }, known)).not.toThrow();
    expect(() => checkRepresentative({ persons: [known, other] }, other)).not.toThrow();
  });

  test("is not joined by a second", () => {
    expect(() => checkRepresentative({ persons: [known] }, person("person_2", { representative: true }))).toThrow("person_1");
  });

  test("is not deleted", () => {
    expect(() => checkDeletion({ persons: [known] }, known)).toThrow("it is the account's representative");
  });
});

describe("an executive", () => {
  const verified = person("person_1", { executive: true }, "verified");

  test("that is verified is not deleted while no other is", () => {
    const others = [person("person_2", { executive: true }, "pending"), person("person_3", { owner: true }, "verified")];
    expect(() => checkDeletion({ persons: [verified, ...others] }, verified)).toThrow("it is the account's only verified executive");
  });

  test("is deleted when it is not verified, or not the only one", () => {
    const second = person("person_2", { executive: true }, "verified");
    expect(() => checkDeletion({ persons: [verified, second] }, verified)).not.toThrow();
    const pending = person("person_3", { executive: true }, "pending");
    expect(() => checkDeletion({ persons: [pending] }, pending)).not.toThrow();
  });
});
