import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Tells clients from the proxies they come through. */
export interface ClientAddresses {
  /** Whether an address belongs to a trusted proxy. */
  isProxy(address: string): boolean;
  /**
   * The address of a request's sender: the other end of its connection. If that is a trusted proxy, the last hop of
   * `X-Forwarded-For` that is not a trusted proxy; no hop to the left of that can be trusted. Null when the connection
   * has gone.
   */
  of(peer: string | undefined, forwardedFor: string | undefined): string | null;
}

/** Trusts the proxies in these ranges: CIDR, or single addresses. Throws a TypeError for anything else. */
export function createClientAddresses(trustedProxies: readonly string[]): ClientAddresses {
  const ranges = trustedProxies.map(parseRange);
  const isProxy = (text: string): boolean => {
    const address = parseAddress(text);
    return address !== null && ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
  };
  return {
    isProxy,
    of(peer, forwardedFor) {
      let address = spelt(peer ?? "");
      if (ranges.length === 0 || forwardedFor === undefined) return address;
      const hops = forwardedFor.split(",");
      while (address !== null && isProxy(address)) {
        const hop = parseHop(hops.pop() ?? "");
        if (hop === null) break;
        address = hop.toString();
      }
      return address;
    },
  };
}

/**
 * What counts as one client: an IPv4 address, or the /64 that contains an IPv6 address, since each subscriber has a
 * /64. Source: RFC 6177
 */
export function addressGroup(address: string): string {
  const spelling = spelt(address);
  const parsed = spelling?.includes(":") === true ? parseAddress(spelling) : null;
  if (parsed === null) return spelling ?? address;
  return `${parsed.toByteArray().slice(0, 8).join(".")}/64`;
}

/**
 * The canonical spelling of a connection's address; null if the text is not an address. Nearly every request needs it,
 * and an IPv4 address has only one spelling.
 */
function spelt(text: string): string | null {
  const plain = text.startsWith("::ffff:") ? text.slice(7) : text;
  return isIP(plain) === 4 ? plain : (parseAddress(text)?.toString() ?? null);
}

/** An address in its canonical spelling, with an IPv4-mapped address as IPv4; null for anything else. */
function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  return isIP(text) === 0 ? null : ipaddr.process(text);
}

/** A hop of `X-Forwarded-For`. Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function parseHop(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const hop = text.trim();
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1];
  return parseAddress(bare ?? hop);
}

function parseRange(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const [address = "", bits, ...more] = text.trim().split("/");
  const parsed = parseAddress(address);
  const most = parsed?.kind() === "ipv4" ? 32 : 128;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (parsed === null || more.length > 0 || !(prefix <= most))
    throw new TypeError(`trustedProxies: "${text}" is neither an IP address nor a range such as 10.0.0.0/8.`);
  return [parsed, prefix];
}
