import { ApiError } from "@carabiner/protocol";
import { compileParams } from "../../api/decode-params.ts";
import { checkFiles } from "../../operations/check-files.ts";
import { fileFinder } from "../../operations/named-files.ts";
import type { ChangeContext } from "../../operations/operation.ts";
import { updateAccountParameters } from "../../resources/accounts/account-parameters.ts";
import { type AccountChange, changeAccount } from "../../resources/accounts/change-account.ts";
import type { AccountWorld } from "../../resources/connected-account/state/account-world.ts";
import { addExternalAccount, replaceExternalAccount } from "../../resources/external-accounts/add-external-account.ts";
import { fingerprints } from "../../resources/external-accounts/fingerprint.ts";
import { judgeBankAccount } from "../../resources/external-accounts/judge-bank-account.ts";
import { changePerson } from "../../resources/persons/change-person.ts";
import { checkPerson } from "../../resources/persons/check-person.ts";
import { writePersonParameters } from "../../resources/persons/person-parameters.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import type { FieldError, FormParameters } from "./parameters-of-form.ts";

/**
 * The world after the user filled in the page's form, as the API would accept it. This does not count as writing
 * persons through the Persons API. Throws an `ApiError` whose `param` is the field's name by `fieldOfParam`.
 */
export async function fillAccount(context: ChangeContext, before: AccountWorld, told: FormParameters): Promise<AccountWorld> {
  const { ids, now, livemode } = context;
  const change = (await decoded(updateAccountParameters, told.account, { context, world: before })) as AccountChange;
  let world = changeAccount(before, change, { now, livemode, id: ids.newId("person", now) });
  for (const [id, of] of told.persons) world = await tellPerson(world, id, of, context);
  return told.bank === null ? world : withBankAccount(context, world, told.bank, "add");
}

/** The world with another bank account, or with one that replaces the current payout account. */
export async function withBankAccount(
  { tx, ids, now, livemode, limits }: ChangeContext,
  world: AccountWorld,
  bank: NonNullable<FormParameters["bank"]>,
  how: "add" | "replace",
): Promise<AccountWorld> {
  const param = "external_account";
  const fingerprint = await fingerprints(tx, ids);
  const judged = judgeBankAccount({ ...bank, country: world.state.country }, { livemode, fingerprint, param });
  const added = { judged, id: ids.newId("bank_account", now), livemode, now, limits, metadata: {}, param };
  return how === "replace" ? replaceExternalAccount(world, added) : addExternalAccount(world, { ...added, makeDefault: false });
}

async function tellPerson(world: AccountWorld, id: string, told: JsonObject, context: ChangeContext): Promise<AccountWorld> {
  const { now, livemode } = context;
  try {
    const change = await decoded(writePersonParameters, told, { context, world });
    const changed = (person: AccountWorld["persons"][number]) => {
      if (person.row.id !== id) return person;
      checkPerson(change, { hash: "", now, country: world.state.country, given: person.state.given });
      return changePerson(person, change, { now, livemode });
    };
    return { ...world, persons: world.persons.map(changed) };
  } catch (thrown) {
    throw thrown instanceof ApiError ? new PersonRefused(id, thrown) : thrown;
  }
}

/** A refusal about one person; its parameters are named relative to the person. */
class PersonRefused extends Error {
  readonly refusal: ApiError;
  readonly prefix: string;
  constructor(id: string, refusal: ApiError) {
    super(refusal.message);
    this.prefix = id;
    this.refusal = refusal;
  }
}

type Schema = Parameters<typeof compileParams>[0];

/** The form's values, decoded like those of an API call. Files must belong to the account or its platform. */
async function decoded(schema: Schema, told: JsonObject, { context, world }: { context: ChangeContext; world: AccountWorld }) {
  const { tx, livemode, limits } = context;
  const given = compileParams(schema, limits)(told);
  const owners = [world.row.id, ...(world.state.createdBy === null ? [] : [world.state.createdBy])];
  await checkFiles({ tx, livemode }, fileFinder(schema)(given), owners);
  return given;
}

/** Turns an error while filling into an error of its field. Rethrows anything other than a refusal. */
export function fieldErrorOf(thrown: unknown, fields: ReadonlySet<string>): FieldError {
  const refusal = thrown instanceof PersonRefused ? thrown.refusal : thrown;
  if (!(refusal instanceof ApiError)) throw thrown;
  const within = (refusal.param ?? "").replaceAll("][", ".").replaceAll("[", ".").replaceAll("]", "");
  const path = thrown instanceof PersonRefused ? `${thrown.prefix}.${within}` : within;
  const candidates = [
    path,
    path.replace(/^individual\./, "representative."),
    path.replace(/^individual\./, ""),
    path.replace(/\.front$/, ""),
  ];
  return { field: candidates.find((name) => fields.has(name)) ?? null, message: refusal.message };
}
