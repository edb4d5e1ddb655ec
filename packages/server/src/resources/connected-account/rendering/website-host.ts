import type { Json } from "../../../store/contract/rows.ts";

/** The host of an account's website, without `www.`; null when it did not give a valid address. Pure. */
export function websiteHost(url: Json | undefined): string | null {
  return typeof url === "string" ? (URL.parse(url)?.hostname.replace(/^www\./, "") ?? null) : null;
}
