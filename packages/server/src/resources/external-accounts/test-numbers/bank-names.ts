/** What every bank of test mode is called whose number is not that of a real one. Source: https://docs.stripe.com/api/external_account_bank_accounts/object */
const TEST_BANK = "STRIPE TEST BANK";

/** Real banks, by the country and the number that shows: test mode knows them by name. */
const NAMES: Readonly<Record<string, string>> = {
  "BO 040": "Cooperativa San Joaquín",
  "CO 060": "Banco Pichincha",
  "EG NBEGEGCX331": "NATIONAL BANK OF EGYPT",
  "IN HDFC0004051": "HDFC BANK - INDIRANAGAR KRISHNA TEMPLE ROAD",
  "KR SGSEKRSLXXX": "SG SECURITIES KOREA CO., LTD.",
  "LK AAAALKLXXXX-7010999": "BANK OF CEYLON",
  "US 122105155": "US BANK NA",
  "UY 999": "Otros Bancos",
  "VN 01101100": "STATE BANK OF VIETNAM",
  "ZA FIRNZAJJXXX": "FIRSTRAND BANK LIMITED",
};

/** The bank of the United States that takes instant payouts in test mode. */
export const INSTANT_BANK = "110000000";

/** What shows in test mode as the number of a bank that nobody named. */
export const UNTOLD_BANK: Readonly<Record<string, string>> & { elsewhere: string } = {
  GI: "11-00-00000",
  NZ: "110000",
  elsewhere: "110000000",
};

/** What the bank of an account in test mode is called. `routing` is its number as it shows. */
export function testBankName(country: string, routing: string | null): string {
  return NAMES[`${country} ${routing}`] ?? TEST_BANK;
}
