import { isIP } from "node:net";
import type { ApiErrorName } from "@carabiner/protocol";
import { browserUrl } from "./browser-url.ts";
import { isCountryCode } from "./country-codes.ts";
import { isCurrencyCode } from "./currency-codes.ts";
import { isMerchantCategoryCode } from "./merchant-category-codes.ts";

interface Format {
  /** The text in the form that is stored, or null for text that is not of the format. */
  read(text: string): string | null;
  /** The error for such text. Its message may contain `{value}`. */
  error: ApiErrorName;
}

const matching = (pattern: RegExp, error: ApiErrorName): Format => ({ read: (text) => (pattern.test(text) ? text : null), error });

const country = (text: string): string | null => (isCountryCode(text.toUpperCase()) ? text.toUpperCase() : null);

/**
 * The formats of texts that have a meaning beyond their sender. Where Stripe's own rule is not public, these refuse
 * only text that cannot be intended.
 */
const FORMATS = {
  /** A CSS colour: `#rrggbb` or `#rgb`. */
  color: matching(/^#(?:[\da-f]{3}|[\da-f]{6})$/i, "color_invalid"),
  /** Two letters of ISO 3166-1, stored as capital letters. */
  country: { read: country, error: "country_unknown" },
  /** Three letters of ISO 4217, stored as small letters. Source: https://docs.stripe.com/currencies */
  currency: { read: (text) => (isCurrencyCode(text.toLowerCase()) ? text.toLowerCase() : null), error: "currency_invalid" },
  /** A day of the calendar, such as `2026-12-31`. Source: RFC 3339, `full-date` */
  date: { read: (text) => (isDate(text) ? text : null), error: "date_invalid" },
  email: matching(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, "email_invalid"),
  /** An address of IPv4 or IPv6. */
  ip: { read: (text) => (isIP(text) === 0 ? null : text), error: "ip_address_invalid" },
  /** A merchant category code. */
  mcc: { read: (text) => (isMerchantCategoryCode(text) ? text : null), error: "mcc_invalid" },
  /** A country, or `XX` for a person whose country is not known. Source: https://docs.stripe.com/api/persons/object */
  nationality: { read: (text) => (text.toUpperCase() === "XX" ? "XX" : country(text)), error: "country_unknown" },
  /** A telephone number in any notation, with or without an extension. */
  phone: { read: (text) => (isPhone(text) ? text : null), error: "phone_invalid" },
  /** The last four digits of a social security number. */
  ssn_last_4: matching(/^\d{4}$/, "ssn_last_4_invalid"),
  /** Hours and minutes. */
  time_of_day: matching(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "time_of_day_invalid"),
  /**
   * The address of a website. Stripe also accepts and shows an address without a scheme, such as `example.com/shop`.
   */
  url: { read: (text) => (isWebsite(text) ? text : null), error: "url_invalid" },
} as const satisfies Record<string, Format>;

export type TextFormat = keyof typeof FORMATS;

/** The text in the form that is stored; or, for text that is not of the format, the name of its error. */
export function readTextFormat(format: TextFormat, text: string): { text: string } | { error: ApiErrorName } {
  const { read, error }: Format = FORMATS[format];
  const found = read(text);
  return found === null ? { error } : { text: found };
}

/** Whether text names a day that exists. */
function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** The digits of a telephone number; ITU-T E.164 allows fifteen. */
const DIGITS = { least: 5, most: 15 };

function isPhone(text: string): boolean {
  // Matched one after another: a single pattern for both would search for the extension at each space.
  const number = text
    .normalize("NFKC")
    .trim()
    .replace(/(?:#|x|ext\.?|extension)\s*\d{1,7}$/i, "");
  if (!/^\+?[\d\s()./-]+$/.test(number)) return false;
  const digits = number.replaceAll(/\D/g, "").length;
  return digits >= DIGITS.least && digits <= DIGITS.most;
}

/** Whether text is a URL of the web whose host is not a name of the local network. */
function isWebsite(text: string): boolean {
  const url = browserUrl(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  if (url === null || url.username !== "" || url.password !== "") return false;
  return (url.protocol === "https:" || url.protocol === "http:") && /[.:]/.test(url.hostname);
}
