import { isIP } from "node:net";

/** A machine's resolver configuration, from `/etc/resolv.conf`. */
export interface ResolverConfiguration {
  /** Addresses of name servers, in the order of their use. */
  nameServers: readonly string[];
  /** Domains in which short names are looked up. */
  search: readonly string[];
  /** A name with at least this many dots is first looked up as it is. */
  ndots: number;
}

/** The parts of the file that resolvers use. Source: https://man7.org/linux/man-pages/man5/resolv.conf.5.html */
const NAME_SERVERS = 3;
const SEARCH_DOMAINS = 32;
const LARGEST_NDOTS = 15;

/** Parses the text of a `resolv.conf`. Skips what it does not know. */
export function parseResolverConfiguration(text: string): ResolverConfiguration {
  const nameServers: string[] = [];
  let search: string[] = [];
  let ndots = 1;
  for (const line of text.split("\n")) {
    const [keyword, ...words] = (line.split(/[#;]/, 1)[0] ?? "").trim().split(/\s+/);
    const [first = ""] = words;
    switch (keyword) {
      case "nameserver":
        if (isIP(first) !== 0) nameServers.push(first);
        break;
      case "domain":
      case "search":
        // If there are several lines of either kind, the last one counts.
        search = words.map((domain) => domain.toLowerCase().replace(/\.$/, "")).filter((domain) => domain !== "");
        break;
      case "options":
        for (const option of words) {
          const dots = /^ndots:([0-9]{1,3})$/.exec(option)?.[1];
          if (dots !== undefined) ndots = Math.min(Number(dots), LARGEST_NDOTS);
        }
    }
  }
  return { nameServers: nameServers.slice(0, NAME_SERVERS), search: search.slice(0, SEARCH_DOMAINS), ndots };
}

/**
 * The full names to look up for `hostname`, in order. A name that ends with a dot is already full.
 * Source: https://man7.org/linux/man-pages/man5/resolv.conf.5.html, "search" and "ndots"
 */
export function candidateNames(hostname: string, { search, ndots }: Pick<ResolverConfiguration, "search" | "ndots">): string[] {
  if (hostname.endsWith(".")) return [hostname.slice(0, -1)];
  const longer = search.map((domain) => `${hostname}.${domain}`);
  const dots = hostname.split(".").length - 1;
  return dots >= ndots ? [hostname, ...longer] : [...longer, hostname];
}
