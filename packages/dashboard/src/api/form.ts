/** A value that a call's parameter may have. Undefined ones are omitted. */
export type Parameter = string | number | boolean | undefined | readonly Parameter[] | { readonly [name: string]: Parameter };

/** The parameters of a call. */
export type Parameters = Readonly<Record<string, Parameter>>;

/** Writes parameters in Stripe's form: `created[gte]=1`, `enabled_events[]=*`. */
export function form(parameters: Parameters): URLSearchParams {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) append(search, name, value);
  return search;
}

function append(search: URLSearchParams, name: string, value: Parameter): void {
  if (value === undefined) return;
  if (Array.isArray(value)) for (const one of value as readonly Parameter[]) append(search, `${name}[]`, one);
  else if (typeof value === "object") for (const [key, one] of Object.entries(value)) append(search, `${name}[${key}]`, one);
  else search.append(name, String(value));
}
