/**
 * The name of every test mode bank whose number is not a real bank's.
 * Source: https://docs.stripe.com/api/external_account_bank_accounts/object
 */
const TEST_BANK = "STRIPE TEST BANK";

/** Real banks that test mode knows by name, by country and displayed number. */
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

/** The bank in the United States that supports instant payouts in test mode. */
export const INSTANT_BANK = "110000000";

/** The bank number shown in test mode when none was given. */
export const UNTOLD_BANK: Readonly<Record<string, string>> & { elsewhere: string } = {
  GI: "11-00-00000",
  NZ: "110000",
  elsewhere: "110000000",
};

/** The bank name of an account in test mode. `routing` is the displayed bank number. */
export function testBankName(country: string, routing: string | null): string {
  return NAMES[`${country} ${routing}`] ?? TEST_BANK;
}
