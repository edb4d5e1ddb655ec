import { API_VERSIONS, isApiVersion, LATEST_API_VERSION } from "@carabiner/protocol";
import { isMerchantCategoryCode } from "../../operations/merchant-category-codes.ts";
import { currencyOf } from "../connected-account/state/countries.ts";

/** The options of a platform that is being created or looked up. */
export interface PlatformAsked {
  /** The name of its application, which its connected accounts see. */
  name?: string | undefined;
  /** Two letters of ISO 3166-1. */
  country?: string | undefined;
  /** The default merchant category code of accounts that it creates. Source: ISO 18245 */
  defaultMcc?: string | undefined;
  /** Its default API version, for responses and events that do not set another. */
  apiVersion?: string | undefined;
}

/** The reason why platform options are invalid. */
interface PlatformFault {
  option: keyof PlatformAsked;
  message: string;
}

/** Invalid platform options. */
class InvalidPlatform extends TypeError {
  override readonly name = "InvalidPlatform";
  readonly option: keyof PlatformAsked;

  constructor({ option, message }: PlatformFault) {
    super(`${option}: ${message}`);
    this.option = option;
  }
}

/** Why platform options are invalid; null when they are valid. Omitted options are not judged. */
export function platformFault({ name, country, defaultMcc, apiVersion }: PlatformAsked): PlatformFault | null {
  if (name !== undefined && name.trim() === "") return { option: "name", message: "A platform needs a name." };
  if (country !== undefined && currencyOf(country.toUpperCase()) === undefined)
    return { option: "country", message: `"${country}" is not a country that accounts can be in, such as US.` };
  if (defaultMcc !== undefined && !isMerchantCategoryCode(defaultMcc))
    return { option: "defaultMcc", message: `"${defaultMcc}" is not a merchant category code, such as 5734.` };
  if (apiVersion !== undefined && !isApiVersion(apiVersion))
    return {
      option: "apiVersion",
      message: `"${apiVersion}" is not a published API version. The first is ${API_VERSIONS[0]}, the latest ${LATEST_API_VERSION}.`,
    };
  return null;
}

/** Throws `InvalidPlatform` for invalid platform options. */
export function checkPlatform(asked: PlatformAsked): void {
  const fault = platformFault(asked);
  if (fault !== null) throw new InvalidPlatform(fault);
}
