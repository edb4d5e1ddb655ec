/** An address in a country, without its first line. */
export interface CountryAddress {
  city: string;
  postal_code: string;
  /** Only in countries whose addresses have one. */
  state?: string;
}

/** An address for each country with specific requirements. */
const ADDRESSES: Readonly<Record<string, CountryAddress>> = {
  AE: { city: "Dubai", postal_code: "00000", state: "Dubai" },
  AU: { city: "Sydney", postal_code: "2000", state: "NSW" },
  CA: { city: "Toronto", postal_code: "M5V 2T6", state: "ON" },
  DE: { city: "Berlin", postal_code: "10115" },
  GB: { city: "London", postal_code: "EC1A 1BB" },
  US: { city: "San Francisco", postal_code: "94111", state: "CA" },
};

/** A test address in a country. Countries missing from the table get one that every country accepts. */
export function countryAddress(country: string): CountryAddress {
  return ADDRESSES[country] ?? { city: "Capital", postal_code: "10000" };
}
