/** A value of a form, nested to any depth. Undefined values are omitted. */
export type FormValue = string | number | boolean | undefined | readonly FormValue[] | { readonly [key: string]: FormValue };

/** Parameters as `application/x-www-form-urlencoded`, nested the way Stripe's API reads it: `a[b]=1&list[0]=x`. */
export function encodeForm(values: Readonly<Record<string, FormValue>>): string {
  const pairs: string[] = [];
  for (const [key, value] of Object.entries(values)) append(encodeURIComponent(key), value, pairs);
  return pairs.join("&");
}

function append(name: string, value: FormValue, pairs: string[]): void {
  if (value === undefined) return;
  if (typeof value !== "object") {
    pairs.push(`${name}=${encodeURIComponent(String(value))}`);
    return;
  }
  for (const [key, inner] of Object.entries(value)) append(`${name}[${encodeURIComponent(key)}]`, inner, pairs);
}
