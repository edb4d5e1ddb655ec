import { InvalidArgumentError } from "commander";

/** Parses a port to listen on; 0 means any free port. Throws `InvalidArgumentError`. */
export function parsePort(text: string): number {
  return portFrom(0, text);
}

/** Parses the port of another program, which cannot be 0. Throws `InvalidArgumentError`. */
export function parseRemotePort(text: string): number {
  return portFrom(1, text);
}

function portFrom(lowest: number, text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text.trim()) || port < lowest || port > 65_535)
    throw new InvalidArgumentError(`It must be a whole number from ${lowest} to 65535.`);
  return port;
}
