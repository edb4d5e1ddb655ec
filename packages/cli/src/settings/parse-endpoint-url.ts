import { InvalidArgumentError } from "commander";
import { parsePlace } from "./parse-place.ts";

/**
 * Parses the URL of an endpoint, which the server validates. Throws `InvalidArgumentError` when its scheme is missing,
 * with the URL that was probably intended.
 */
export function parseEndpointUrl(text: string): string {
  if (text.includes("://")) return text;
  const meant = /^(?:localhost\b|127\.|\[::1\]|\d{1,5}(?:\/|$))/.test(text) ? parsePlace(text) : `https://${text}`;
  throw new InvalidArgumentError(`It must begin with http:// or https://, such as ${meant}.`);
}
