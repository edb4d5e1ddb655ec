import { isIP } from "node:net";
import { isRange } from "../destinations.ts";
import { readProxy } from "./egress-proxy.ts";
import type { EgressOptions } from "./transport.ts";

/** An invalid egress option. */
class InvalidEgress extends TypeError {
  override readonly name = "InvalidEgress";
  readonly option: keyof EgressOptions;

  constructor(option: keyof EgressOptions, message: string) {
    super(message);
    this.option = option;
  }
}

/**
 * Checks a server's egress options before anything is sent. Throws `InvalidEgress`, which names the option and never
 * repeats the URL of a proxy, since it may contain a password.
 */
export function checkEgress({ allowedRanges = [], refusedPorts = [], allowedPorts = [], proxy, nameServers = [] }: EgressOptions): void {
  for (const range of allowedRanges)
    if (!isRange(range))
      throw new InvalidEgress("allowedRanges", `Not a range of addresses: "${range}". Give it as CIDR, such as 10.20.0.0/16.`);
  for (const [option, ports] of Object.entries({ refusedPorts, allowedPorts }) as ["refusedPorts" | "allowedPorts", readonly number[]][])
    for (const port of ports)
      if (!Number.isInteger(port) || port < 0 || port > 65_535)
        throw new InvalidEgress(option, `Not a port: ${port}. Give a whole number from 0 to 65535.`);
  if (proxy !== undefined && readProxy(proxy) === null)
    throw new InvalidEgress("proxy", "Not the URL of a proxy. Give it as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT.");
  for (const server of nameServers)
    if (!isNameServer(server))
      throw new InvalidEgress("nameServers", `Not the address of a name server: "${server}". Give it as 10.0.0.53 or 10.0.0.53:5353.`);
}

/** Whether `text` is `IP`, `IPv4:PORT` or `[IPv6]:PORT`. */
function isNameServer(text: string): boolean {
  if (isIP(text) !== 0) return true;
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([0-9.]+)):([0-9]{1,5})$/.exec(text) ?? [];
  return port !== undefined && Number(port) > 0 && Number(port) <= 65_535 && (isIP(six ?? "") === 6 || isIP(four ?? "") === 4);
}
