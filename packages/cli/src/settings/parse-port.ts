import { InvalidArgumentError } from "commander";

/** Parses a port to listen on; 0 stands for any that is free. Throws `InvalidArgumentError`. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text.trim()) || port > 65_535) throw new InvalidArgumentError("It must be a whole number from 0 to 65535.");
  return port;
}

/** Parses the port of another, which cannot be 0. Throws `InvalidArgumentError`. */
export function parseRemotePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text.trim()) || port < 1 || port > 65_535)
    throw new InvalidArgumentError("It must be a whole number from 1 to 65535.");
  return port;
}
