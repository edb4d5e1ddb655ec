import type Stripe from "stripe";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { acceptance, address, date, files, japanAddress, sides } from "../../operations/identity-parameters.ts";
import {
  choice,
  clearableDecimal,
  clearableList,
  clearableText,
  flag,
  formatted,
  hash,
  list,
  metadata,
  optional,
  pageProperties,
  params,
  text,
} from "../../operations/parameters.ts";

/**
 * Parameters of the individual of an account, or of a token for one.
 * Source: https://docs.stripe.com/api/accounts/create
 */
export const individualProperties = {
  address: optional(address()),
  address_kana: optional(japanAddress()),
  address_kanji: optional(japanAddress()),
  dob: optional(date()),
  email: optional(formatted("email", 800)),
  first_name: optional(text(100)),
  first_name_kana: optional(text()),
  first_name_kanji: optional(text()),
  full_name_aliases: optional(clearableList(clearableText(300))),
  gender: optional(choice(["female", "male"])),
  id_number: optional(text()),
  id_number_secondary: optional(text()),
  last_name: optional(text(100)),
  last_name_kana: optional(text()),
  last_name_kanji: optional(text()),
  maiden_name: optional(text()),
  metadata: optional(metadata()),
  nationality: optional(formatted("nationality")),
  phone: optional(formatted("phone")),
  political_exposure: optional(choice(["existing", "none"])),
  registered_address: optional(address()),
  relationship: optional(
    hash({
      director: optional(flag()),
      executive: optional(flag()),
      owner: optional(flag()),
      percent_ownership: optional(clearableDecimal()),
      title: optional(text()),
    }),
  ),
  ssn_last_4: optional(formatted("ssn_last_4")),
  verification: optional(hash({ additional_document: optional(sides()), document: optional(sides()) })),
};

/** Parameters of a person, or of a token for one. Source: https://docs.stripe.com/api/persons/create */
export const personProperties = {
  ...individualProperties,
  additional_tos_acceptances: optional(hash({ account: optional(acceptance()) })),
  documents: optional(hash({ company_authorization: optional(hash(files)), passport: optional(hash(files)), visa: optional(hash(files)) })),
  relationship: optional(
    hash({
      authorizer: optional(flag()),
      director: optional(flag()),
      executive: optional(flag()),
      legal_guardian: optional(flag()),
      owner: optional(flag()),
      percent_ownership: optional(clearableDecimal()),
      representative: optional(flag()),
      title: optional(text()),
    }),
  ),
  us_cfpb_data: optional(
    hash({
      ethnicity_details: optional(
        hash({
          ethnicity: optional(
            list(
              choice([
                "cuban",
                "hispanic_or_latino",
                "mexican",
                "not_hispanic_or_latino",
                "other_hispanic_or_latino",
                "prefer_not_to_answer",
                "puerto_rican",
              ]),
            ),
          ),
          ethnicity_other: optional(text()),
        }),
      ),
      race_details: optional(
        hash({
          race: optional(
            list(
              choice([
                "african_american",
                "american_indian_or_alaska_native",
                "asian",
                "asian_indian",
                "black_or_african_american",
                "chinese",
                "ethiopian",
                "filipino",
                "guamanian_or_chamorro",
                "haitian",
                "jamaican",
                "japanese",
                "korean",
                "native_hawaiian",
                "native_hawaiian_or_other_pacific_islander",
                "nigerian",
                "other_asian",
                "other_black_or_african_american",
                "other_pacific_islander",
                "prefer_not_to_answer",
                "samoan",
                "somali",
                "vietnamese",
                "white",
              ]),
            ),
          ),
          race_other: optional(text()),
        }),
      ),
      self_identified_gender: optional(text()),
    }),
  ),
};

/**
 * Parameters of a new or changed person.
 * Source: https://docs.stripe.com/api/persons/create and https://docs.stripe.com/api/persons/update
 */
export const writePersonParameters = coversStripeParams<Stripe.AccountCreatePersonParams & Stripe.AccountUpdatePersonParams>()(
  params({ ...personProperties, person_token: optional(text()) }),
);

/** The relationships a person can have to an account. */
export const ROLES = ["authorizer", "director", "executive", "legal_guardian", "owner", "representative"] as const;

/** Parameters of a list. Source: https://docs.stripe.com/api/persons/list */
export const listPersonsParameters = coversStripeParams<Stripe.AccountListPersonsParams>()(
  params({
    ...pageProperties,
    relationship: optional(
      hash({
        authorizer: optional(flag()),
        director: optional(flag()),
        executive: optional(flag()),
        legal_guardian: optional(flag()),
        owner: optional(flag()),
        representative: optional(flag()),
      }),
    ),
  }),
);
