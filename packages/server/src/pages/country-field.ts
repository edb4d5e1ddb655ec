import { COUNTRIES } from "../resources/connected-account/state/countries.ts";
import { field } from "./field.ts";
import type { Html } from "./html.ts";

const NAMES = new Intl.DisplayNames("en", { type: "region" });
const OPTIONS = COUNTRIES.map((code) => [code, NAMES.of(code) ?? code] as const).sort(([, one], [, other]) =>
  one.localeCompare(other, "en"),
);

/** The field for the country of an account or an address; `about` has what differs between them. */
export function country(value: string, error: string | undefined, about: { name?: string; autocomplete?: string } = {}): Html {
  return field({ name: "country", label: "Country", value, options: OPTIONS, autocomplete: "country", ...about, error });
}
