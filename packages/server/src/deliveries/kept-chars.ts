import type { Settlement } from "../store/contract/delivery-store.ts";

/** How many characters of an answer a settlement keeps. Pure. */
export function keptChars({ attempt }: Settlement): number {
  if (attempt === null) return 0;
  const { responseHeaders, responseBody } = attempt;
  let chars = responseBody.length;
  for (const name in responseHeaders) chars += name.length + (responseHeaders[name] as string).length;
  return chars;
}
