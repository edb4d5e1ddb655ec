import type Stripe from "stripe";

type BusinessIdType = Stripe.V2.Core.Account.Identity.BusinessDetails.IdNumber.Type;

/** The kinds of numbers of a business. Source: https://docs.stripe.com/api/v2/core/accounts/create */
export const BUSINESS_ID_TYPES = [
  "ae_crn",
  "ae_vat",
  "ao_nif",
  "ar_cuit",
  "at_fn",
  "at_stn",
  "at_vat",
  "au_abn",
  "au_acn",
  "au_in",
  "az_tin",
  "bd_etin",
  "be_cbe",
  "be_vat",
  "bg_uic",
  "bg_vat",
  "br_cnpj",
  "ca_cn",
  "ca_crarr",
  "ca_gst_hst",
  "ca_neq",
  "ca_rid",
  "ch_chid",
  "ch_uid",
  "cr_cpj",
  "cr_nite",
  "cy_he",
  "cy_tic",
  "cy_vat",
  "cz_ico",
  "cz_vat",
  "de_hrn",
  "de_stn",
  "de_vat",
  "dk_cvr",
  "dk_vat",
  "do_rcn",
  "ee_rk",
  "ee_vat",
  "es_cif",
  "es_vat",
  "fi_vat",
  "fi_yt",
  "fr_rna",
  "fr_siren",
  "fr_vat",
  "gb_crn",
  "gb_vat",
  "gi_crn",
  "gr_afm",
  "gr_gemi",
  "gr_vat",
  "gt_nit",
  "hk_br",
  "hk_cr",
  "hr_mbs",
  "hr_oib",
  "hr_vat",
  "hu_cjs",
  "hu_tin",
  "hu_vat",
  "ie_crn",
  "ie_trn",
  "ie_vat",
  "it_rea",
  "it_vat",
  "jp_cn",
  "kz_bin",
  "li_uid",
  "lt_ccrn",
  "lt_vat",
  "lu_nif",
  "lu_rcs",
  "lu_vat",
  "lv_urn",
  "lv_vat",
  "mt_crn",
  "mt_tin",
  "mt_vat",
  "mx_rfc",
  "my_brn",
  "my_coid",
  "my_itn",
  "my_sst",
  "mz_nuit",
  "nl_kvk",
  "nl_rsin",
  "nl_vat",
  "no_orgnr",
  "nz_bn",
  "nz_ird",
  "pe_ruc",
  "pk_ntn",
  "pl_nip",
  "pl_regon",
  "pl_vat",
  "pt_vat",
  "ro_cui",
  "ro_orc",
  "ro_vat",
  "sa_crn",
  "sa_tin",
  "se_orgnr",
  "se_vat",
  "sg_uen",
  "si_msp",
  "si_tin",
  "si_vat",
  "sk_dic",
  "sk_ico",
  "sk_vat",
  "th_crn",
  "th_prn",
  "th_tin",
  "us_ein",
] as const satisfies readonly BusinessIdType[];

/** The kind of number that v1 means, for countries with several kinds. */
const BUSINESS_ID: Readonly<Record<string, string>> = { fr: "fr_siren", gr: "gr_gemi", lu: "lu_rcs", nz: "nz_bn" };

const isOf = (country: string) => (type: string) => type.startsWith(`${country.toLowerCase()}_`);

/** The kind of number that `company.tax_id` of v1 is, in a country. */
export function businessIdType(country: string): string {
  const ofCountry = BUSINESS_ID_TYPES.filter(isOf(country));
  return BUSINESS_ID[country.toLowerCase()] ?? ofCountry.find((type) => !isVat(type)) ?? `${country.toLowerCase()}_tax_id`;
}

/** The kind of number that `company.vat_id` of v1 is, in a country. */
export function vatIdType(country: string): string {
  return `${country.toLowerCase()}_vat`;
}

/** Whether a number is for value added tax, which has its own field in v1. */
export function isVat(type: string): boolean {
  return type.endsWith("_vat");
}
