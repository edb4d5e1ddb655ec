import { InvalidArgumentError } from "commander";

/** Parses a port. Throws `InvalidArgumentError`. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text.trim()) || port > 65_535) throw new InvalidArgumentError("It must be a whole number from 0 to 65535.");
  return port;
}
