import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { Static } from "typebox";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { DOCUMENT_PURPOSES, date } from "../../operations/identity-parameters.ts";
import {
  choice,
  clearableDecimal,
  clearableFile,
  clearableFormatted,
  clearableText,
  file,
  flag,
  formatted,
  hash,
  list,
  metadata,
  optional,
  text,
} from "../../operations/parameters.ts";
import { ID_NUMBER_TYPES } from "../connected-account/state/id-numbers.ts";
import { v2AddressProperties } from "../connected-account/v2/v2-identity-parameters.ts";

/** The most names, numbers or nationalities that a person may have. */
const MOST = 10;

const addressProperties = { ...v2AddressProperties, country: optional(clearableFormatted("country")) };
const address = () => hash(addressProperties);
const scriptName = () => hash({ given_name: optional(text()), surname: optional(text()) });
const papers = () => hash({ files: list(file(DOCUMENT_PURPOSES), MOST), type: choice(["files"]) });
const side = () => optional(clearableFile(DOCUMENT_PURPOSES));
const sides = () => hash({ front_back: hash({ back: side(), front: side() }), type: choice(["front_back"]) });

const rolesOfIndividual = {
  director: optional(flag()),
  executive: optional(flag()),
  owner: optional(flag()),
  percent_ownership: optional(clearableDecimal()),
  title: optional(text()),
};

/**
 * The v2 API's parameters for the individual of an account, or for a token for one.
 * Source: https://docs.stripe.com/api/v2/core/accounts/create
 */
export const accountIndividualProperties = {
  additional_addresses: optional(list(hash({ ...addressProperties, purpose: choice(["registered"]) }), 1)),
  additional_names: optional(
    list(
      hash({
        full_name: optional(text(300)),
        given_name: optional(text(100)),
        purpose: choice(["alias", "maiden"]),
        surname: optional(text(100)),
      }),
      MOST,
    ),
  ),
  address: optional(address()),
  date_of_birth: optional(date()),
  documents: optional(
    hash({
      company_authorization: optional(papers()),
      passport: optional(papers()),
      primary_verification: optional(sides()),
      secondary_verification: optional(sides()),
      visa: optional(papers()),
    }),
  ),
  email: optional(formatted("email", 800)),
  given_name: optional(text(100)),
  id_numbers: optional(list(hash({ type: choice(ID_NUMBER_TYPES), value: text() }), MOST)),
  legal_gender: optional(choice(["female", "male"])),
  metadata: optional(metadata()),
  nationalities: optional(list(formatted("nationality"), MOST)),
  phone: optional(formatted("phone")),
  political_exposure: optional(choice(["existing", "none"])),
  relationship: optional(hash(rolesOfIndividual)),
  script_addresses: optional(hash({ kana: optional(address()), kanji: optional(address()) })),
  script_names: optional(hash({ kana: optional(scriptName()), kanji: optional(scriptName()) })),
  surname: optional(text(100)),
};

/** The parameters of a call below an account in the v2 API: the official package does not export their types. */
type ParamsOf<Of extends "persons" | "personTokens", Call extends keyof Stripe["v2"]["core"]["accounts"][Of]> = NonNullable<
  Extract<
    Parameters<Extract<Stripe["v2"]["core"]["accounts"][Of][Call], (...params: never[]) => unknown>>[Call extends "update" ? 2 : 1],
    object
  >
>;

/** The v2 API's parameters for a person, or for a token for one. */
const accountPersonProperties = {
  ...accountIndividualProperties,
  additional_terms_of_service: optional(
    hash({ account: optional(hash({ date: optional(text(40)), ip: optional(formatted("ip")), user_agent: optional(clearableText()) })) }),
  ),
  relationship: optional(
    hash({ ...rolesOfIndividual, authorizer: optional(flag()), legal_guardian: optional(flag()), representative: optional(flag()) }),
  ),
};

/**
 * Parameters of a new or changed person in the v2 API.
 * Source: https://docs.stripe.com/api/v2/core/persons/create and https://docs.stripe.com/api/v2/core/persons/update
 */
export const writeAccountPersonParameters = coversStripeParams<ParamsOf<"persons", "create"> & ParamsOf<"persons", "update">>()(
  hash({ ...accountPersonProperties, person_token: optional(text()) }),
);

/**
 * Parameters of a token for a person. Terms count as accepted where and when the token is created.
 * Source: https://docs.stripe.com/api/v2/core/person-tokens/create
 */
export const accountPersonTokenParameters = coversStripeParams<ParamsOf<"personTokens", "create">>()(
  hash({
    ...accountPersonProperties,
    additional_terms_of_service: optional(hash({ account: optional(hash({ shown_and_accepted: optional(flag()) })) })),
  }),
);

/** The parameters that describe a person in the v2 API. */
export type ToldOfAccountPerson = Omit<Static<typeof writeAccountPersonParameters>, "person_token">;

/**
 * Throws `parameter_missing` for values that only an update may leave out: the country of an address, the front of a
 * document. `hash` is the hash that contains the person, if any.
 */
export function checkNewAccountPerson({ address, additional_addresses: more, documents }: ToldOfAccountPerson, hash: string): void {
  const nameOf = (first: string, rest = "") => (hash === "" ? first : `${hash}[${first}]`) + rest;
  const told = [
    { name: nameOf("address"), address },
    ...(more ?? []).map((one, at) => ({ name: nameOf("additional_addresses", `[${at}]`), address: one })),
  ];
  for (const { name, address } of told)
    if (address !== undefined && (address.country ?? null) === null) throw apiError("parameter_missing", { param: `${name}[country]` });
  for (const name of ["primary_verification", "secondary_verification"] as const) {
    const document = documents?.[name];
    if (document !== undefined && (document.front_back.front ?? null) === null)
      throw apiError("parameter_missing", { param: nameOf("documents", `[${name}][front_back][front]`) });
  }
}
