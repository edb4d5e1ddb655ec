import { COUNTRIES } from "../resources/connected-account/state/countries.ts";
import { field } from "./field.ts";
import type { Html } from "./html.ts";

let options: readonly (readonly [code: string, name: string])[] | null = null;

/** Made with the first page that has the field, so that startup does not wait for the data of languages. */
function countryOptions(): NonNullable<typeof options> {
  const names = new Intl.DisplayNames("en", { type: "region" });
  options ??= COUNTRIES.map((code) => [code, names.of(code) ?? code] as const).sort(([, one], [, other]) => one.localeCompare(other, "en"));
  return options;
}

/** The field for the country of an account or an address; `about` contains the parts that differ between them. */
export function country(value: string, error: string | undefined, about: { name?: string; autocomplete?: string } = {}): Html {
  return field({ name: "country", label: "Country", value, options: countryOptions(), autocomplete: "country", ...about, error });
}
