import { InvalidArgumentError } from "commander";

/** Parses an address as people type it: a port, a host with a port, or a URL. Throws `InvalidArgumentError`. */
export function parsePlace(text: string): string {
  const full = /^\d{1,5}(?:\/|$)/.test(text) ? `http://127.0.0.1:${text}` : /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.parse(full);
  if (url === null || !["http:", "https:"].includes(url.protocol))
    throw new InvalidArgumentError("It must be an address such as http://127.0.0.1:4242/webhook.");
  return full;
}
