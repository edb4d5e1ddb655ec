import { expect, it } from "vitest";
import type { AccountWorld } from "../connected-account/state/account-world.ts";
import { newAccount } from "../connected-account/state/new-account.ts";
import { newPerson } from "../persons/change-person.ts";
import { passingValues } from "./passing-values.ts";

const world: AccountWorld = {
  row: { id: "acct_1", created: 1_700_000_000_000, apiVersion: "2026-10-28.endive", deleted: false, data: {} },
  state: newAccount({ country: "US", type: "custom", livemode: false }),
  persons: [],
  externalAccounts: [],
  customer: null,
};
const known = { ...world, persons: [newPerson(world, { id: "person_1", now: 0 })] };

it.each([
  ["company.tax_id", { of: "account", told: { company: { tax_id: "000000000" } } }],
  ["company.address.line1", { of: "account", told: { company: { address: { line1: "address_full_match" } } } }],
  ["tos_acceptance.date", { of: "account", told: { tos_acceptance: { date: 1_700_000_000 } } }],
  ["individual.dob.day", { of: "account", told: { individual: { dob: { day: 1, month: 1, year: 1901 } } } }],
  ["representative.email", { of: "account", told: { individual: { email: "jenny.rosen@example.com" } } }],
  [
    "person_1.verification.document",
    { of: "person", personId: "person_1", told: { verification: { document: { front: "file_identity_document_success" } } } },
  ],
  ["relationship.owner", { of: "account", told: { company: { owners_provided: true } } }],
  ["owners.email", { of: "account", told: { company: { owners_provided: true } } }],
  ["representative.relationship.executive", { of: "account", told: { individual: { relationship: { executive: true } } } }],
  ["company.business_vat_id_number", { of: "account", told: { company: { vat_id: "000000000" } } }],
  ["external_account", { of: "external_account", token: "btok_us" }],
  ["person_2.email", null],
  ["company.address.street.name", null],
  ["company.tax_id.part", null],
])("meets %s", (field, value) => {
  expect(passingValues(field, known)).toEqual(value);
});
