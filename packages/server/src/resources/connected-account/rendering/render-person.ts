import type Stripe from "stripe";
import { ADDRESS, DATE, DOCUMENT, JAPAN_ADDRESS } from "../../../operations/address.ts";
import { hashOf, isHash } from "../../../operations/merge-change.ts";
import { seconds } from "../../../operations/time-range.ts";
import { pickGiven, withDefaults, withDefaultsOrNull } from "../../../operations/with-defaults.ts";
import type { JsonObject } from "../../../store/contract/rows.ts";
import { showsMissingNumber } from "../state/countries.ts";
import type { Person } from "../state/person-state.ts";

/** The Person object of an account in a country. Source: https://docs.stripe.com/api/persons/object */
export function renderPerson({ row: { id, accountId, created }, state: { given: from, derived } }: Person, country: string): Stripe.Person {
  const numbered = showsMissingNumber(country) || from.id_number_provided === true || from.ssn_last_4_provided === true;
  const addressKana = withDefaultsOrNull(JAPAN_ADDRESS, from.address_kana);
  const addressKanji = withDefaultsOrNull(JAPAN_ADDRESS, from.address_kanji);
  return {
    id,
    object: "person",
    account: accountId,
    additional_tos_acceptances: {
      account: withDefaults<Stripe.Person.AdditionalTosAcceptances.Account>(
        { date: null, ip: null, user_agent: null },
        hashOf(from.additional_tos_acceptances).account,
      ),
    },
    address: withDefaults(ADDRESS, from.address),
    ...(addressKana === null ? {} : { address_kana: addressKana }),
    ...(addressKanji === null ? {} : { address_kanji: addressKanji }),
    created: seconds(created),
    dob: withDefaults(DATE, from.dob),
    future_requirements: derived.futureRequirements,
    ...withDefaults(
      {
        email: null,
        first_name: null,
        ...(numbered ? { id_number_provided: false } : {}),
        last_name: null,
        phone: null,
        // A whole number also provides the last four digits.
        ...(numbered ? { ssn_last_4_provided: from.id_number_provided === true } : {}),
      },
      from,
    ),
    metadata: (from.metadata as Stripe.Metadata | undefined) ?? {},
    ...(isHash(from.registered_address) ? { registered_address: withDefaults(ADDRESS, from.registered_address) } : {}),
    relationship: {
      ...withDefaults<Stripe.Person.Relationship>(
        {
          authorizer: false,
          director: false,
          executive: false,
          legal_guardian: false,
          owner: false,
          percent_ownership: null,
          representative: false,
          title: null,
        },
        from.relationship,
      ),
    },
    requirements: derived.requirements,
    verification: {
      additional_document: {
        ...withDefaults<Stripe.Person.Verification.AdditionalDocument>(DOCUMENT, hashOf(from.verification).additional_document),
        ...derived.additionalDocument,
      },
      ...derived.verification,
      document: { ...withDefaults(DOCUMENT, hashOf(from.verification).document), ...derived.document },
    },
    ...pickGiven<Stripe.Person>(from, [
      "first_name_kana",
      "first_name_kanji",
      "full_name_aliases",
      "gender",
      "id_number_secondary_provided",
      "last_name_kana",
      "last_name_kanji",
      "maiden_name",
      "nationality",
      "political_exposure",
    ]),
    ...(isHash(from.us_cfpb_data) ? { us_cfpb_data: cfpbData(from.us_cfpb_data) } : {}),
  };
}

/**
 * The data for statistics on small business lending.
 * Source: https://docs.stripe.com/api/persons/object#person_object-us_cfpb_data
 */
function cfpbData(from: JsonObject): Stripe.Person.UsCfpbData {
  return {
    ethnicity_details: withDefaultsOrNull<Stripe.Person.UsCfpbData.EthnicityDetails>(
      { ethnicity: null, ethnicity_other: null },
      from.ethnicity_details,
    ),
    race_details: withDefaultsOrNull<Stripe.Person.UsCfpbData.RaceDetails>({ race: null, race_other: null }, from.race_details),
    ...withDefaults<Pick<Stripe.Person.UsCfpbData, "self_identified_gender">>({ self_identified_gender: null }, from),
  };
}
