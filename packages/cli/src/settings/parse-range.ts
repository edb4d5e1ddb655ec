import { BlockList, isIP } from "node:net";
import { InvalidArgumentError } from "commander";

/** Checks an address, or a range of addresses in CIDR notation, and returns it. Throws `InvalidArgumentError`. */
export function parseRange(text: string): string {
  if (!isRange(text)) throw new InvalidArgumentError("It must be an address or a range of them, such as 10.0.0.0/8.");
  return text;
}

function isRange(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  if (bits === undefined) return true;
  try {
    new BlockList().addSubnet(address, /^\d+$/.test(bits) ? Number(bits) : -1, family === 4 ? "ipv4" : "ipv6");
    return true;
  } catch {
    return false;
  }
}
