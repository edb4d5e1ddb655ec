/**
 * The states, provinces and territories of the countries whose states Stripe checks, by their postal abbreviations.
 * Source: https://support.stripe.com/questions/connect-address-validation, USPS Publication 28 (with the military
 * "states" and the freely associated ones), Canada Post's addressing guidelines and Australia Post
 */
const STATES: Readonly<Record<string, string>> = {
  AU: `ACT Australian Capital Territory, NSW New South Wales, NT Northern Territory, QLD Queensland, SA South Australia,
    TAS Tasmania, VIC Victoria, WA Western Australia`,
  CA: `AB Alberta, BC British Columbia, MB Manitoba, NB New Brunswick, NL Newfoundland and Labrador, NS Nova Scotia,
    NT Northwest Territories, NU Nunavut, ON Ontario, PE Prince Edward Island, QC Quebec, SK Saskatchewan, YT Yukon`,
  US: `AA Armed Forces Americas, AE Armed Forces Europe, AK Alaska, AL Alabama, AP Armed Forces Pacific, AR Arkansas,
    AS American Samoa, AZ Arizona, CA California, CO Colorado, CT Connecticut, DC District of Columbia, DE Delaware,
    FL Florida, FM Federated States of Micronesia, GA Georgia, GU Guam, HI Hawaii, IA Iowa, ID Idaho, IL Illinois,
    IN Indiana, KS Kansas, KY Kentucky, LA Louisiana, MA Massachusetts, MD Maryland, ME Maine, MH Marshall Islands,
    MI Michigan, MN Minnesota, MO Missouri, MP Northern Mariana Islands, MS Mississippi, MT Montana,
    NC North Carolina, ND North Dakota, NE Nebraska, NH New Hampshire, NJ New Jersey, NM New Mexico, NV Nevada,
    NY New York, OH Ohio, OK Oklahoma, OR Oregon, PA Pennsylvania, PR Puerto Rico, PW Palau, RI Rhode Island,
    SC South Carolina, SD South Dakota, TN Tennessee, TX Texas, UM Minor Outlying Islands, UT Utah, VA Virginia,
    VI Virgin Islands, VT Vermont, WA Washington, WI Wisconsin, WV West Virginia, WY Wyoming`,
};

/** The names and abbreviations of each country, without case, accents and dots. */
const KNOWN: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(STATES).map(([country, states]) => {
    const names = states.split(",").map((state) => plain(state));
    return [country, new Set(names.flatMap((name) => [name.slice(0, name.indexOf(" ")), name.slice(name.indexOf(" ") + 1)]))];
  }),
);

/**
 * Whether a country has a state with this name or abbreviation. True for countries whose states are not listed here.
 */
export function isStateOf(country: string, state: string): boolean {
  return KNOWN.get(country)?.has(plain(state).replace(/^(?:us|ca|au)-(?=[a-z]{2,3}$)/, "")) ?? true;
}

function plain(text: string): string {
  return text
    .normalize("NFD")
    .replaceAll(/[\p{Mn}.]/gu, "")
    .replaceAll(/\s+/g, " ")
    .trim()
    .toLowerCase();
}
