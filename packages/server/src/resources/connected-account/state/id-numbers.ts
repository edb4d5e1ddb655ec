import type Stripe from "stripe";

/**
 * The types of a person's numbers in the v2 API.
 * Source: https://docs.stripe.com/api/v2/core/persons/object#v2_person_object-id_numbers-type
 */
export const ID_NUMBER_TYPES = [
  "ae_eid",
  "ao_nif",
  "ar_cuil",
  "ar_dni",
  "at_stn",
  "az_tin",
  "bd_brc",
  "bd_etin",
  "bd_nid",
  "be_nrn",
  "bg_ucn",
  "bn_nric",
  "br_cpf",
  "ca_sin",
  "ch_oasi",
  "cl_rut",
  "cn_pp",
  "co_nuip",
  "cr_ci",
  "cr_cpf",
  "cr_dimex",
  "cr_nite",
  "cy_tic",
  "cz_rc",
  "de_stn",
  "dk_cpr",
  "do_cie",
  "do_rcn",
  "ec_ci",
  "ee_ik",
  "es_nif",
  "fi_hetu",
  "fr_nir",
  "gb_nino",
  "gr_afm",
  "gt_nit",
  "hk_id",
  "hr_oib",
  "hu_ad",
  "id_nik",
  "ie_ppsn",
  "is_kt",
  "it_cf",
  "jp_inc",
  "ke_pin",
  "kz_iin",
  "li_peid",
  "lt_ak",
  "lu_nif",
  "lv_pk",
  "mx_rfc",
  "my_nric",
  "mz_nuit",
  "ng_nin",
  "nl_bsn",
  "no_nin",
  "nz_ird",
  "pe_dni",
  "pk_cnic",
  "pk_snic",
  "pl_pesel",
  "pt_nif",
  "ro_cnp",
  "sa_tin",
  "se_pin",
  "sg_fin",
  "sg_nric",
  "sk_dic",
  "th_lc",
  "th_pin",
  "tr_tin",
  "us_itin",
  "us_itin_last_4",
  "us_ssn",
  "us_ssn_last_4",
  "uy_dni",
  "za_id",
] as const satisfies readonly Stripe.V2.Core.AccountPerson.IdNumber.Type[];

export type IdNumberType = (typeof ID_NUMBER_TYPES)[number];

/** v1's field for a person's number. */
export type IdNumberField = "id_number" | "id_number_secondary" | "ssn_last_4";

/** Types whose number is not v1's `id_number`. Only Thailand has a second number. */
const OTHER_FIELDS: Readonly<Partial<Record<IdNumberType, IdNumberField>>> = {
  th_lc: "id_number_secondary",
  us_itin_last_4: "ssn_last_4",
  us_ssn_last_4: "ssn_last_4",
};

/** The usual type of number, for countries with several types where it is not the first. */
const USUAL: Readonly<Record<string, IdNumberType>> = { BD: "bd_nid", SG: "sg_nric", TH: "th_pin", US: "us_ssn" };

/** v1's field for a number of this type. */
export function fieldOfIdNumber(type: IdNumberType): IdNumberField {
  return OTHER_FIELDS[type] ?? "id_number";
}

/**
 * The type of a number that was set through v1, which has no types: the usual type of the account's country. Null for a
 * country without a type.
 */
export function idNumberTypeOf(field: IdNumberField, country: string): IdNumberType | null {
  if (field === "ssn_last_4") return "us_ssn_last_4";
  const prefix = `${country.toLowerCase()}_`;
  if (field === "id_number" && USUAL[country] !== undefined) return USUAL[country];
  return ID_NUMBER_TYPES.find((type) => type.startsWith(prefix) && fieldOfIdNumber(type) === field) ?? null;
}
