/** An address in a country, beside its first line. */
export interface CountryAddress {
  city: string;
  postal_code: string;
  /** Only where addresses have one. */
  state?: string;
}

/** One address of each country that has requirements of its own. */
const ADDRESSES: Readonly<Record<string, CountryAddress>> = {
  AE: { city: "Dubai", postal_code: "00000", state: "Dubai" },
  AU: { city: "Sydney", postal_code: "2000", state: "NSW" },
  CA: { city: "Toronto", postal_code: "M5V 2T6", state: "ON" },
  DE: { city: "Berlin", postal_code: "10115" },
  GB: { city: "London", postal_code: "EC1A 1BB" },
  US: { city: "San Francisco", postal_code: "94111", state: "CA" },
};

/** An address in a country, for tests to give; of countries not in the table, one that any country takes. */
export function countryAddress(country: string): CountryAddress {
  return ADDRESSES[country] ?? { city: "Capital", postal_code: "10000" };
}
