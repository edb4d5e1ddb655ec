import ipaddr from "ipaddr.js";

/** Where deliveries may go, beyond the public internet. */
export interface AddressRules {
  /** Loopback and private addresses, and names that stand for them: for development. */
  allowLocal: boolean;
  /** Ranges that are allowed though they are not public, as CIDR: `10.20.0.0/16`. */
  allowedRanges?: readonly string[];
}

/** Tells whether an IP address, as text, may be connected to. What it cannot read, it refuses. */
export type AddressGuard = (address: string) => boolean;

/** What is wrong with an address to deliver to. */
export type UrlProblem =
  /** It does not begin with a scheme and `://`. */
  | "scheme_missing"
  /** It is not a URL. */
  | "invalid"
  /** Its scheme is neither http nor https. */
  | "not_http"
  /** It holds a user name or a password. */
  | "has_credentials"
  /** Its host is an IP address that is not public. */
  | "address_not_public"
  /** Its host is a name that cannot be public, such as `localhost`. */
  | "name_not_public";

/** A URL that may be delivered to, or why not. */
export type UrlCheck = { problem: null; url: URL } | { problem: UrlProblem; url: null };

/**
 * Services that hand out a cloud machine's credentials. They stay refused in development, and in an allowed range
 * unless it is that one address.
 * Sources: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html,
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html,
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html,
 * https://cloud.google.com/compute/docs/metadata/querying-metadata,
 * https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
 */
const METADATA_ADDRESSES = [
  "169.254.169.254",
  "169.254.170.2",
  "169.254.170.23",
  "100.100.100.200",
  "fd00:ec2::254",
  "fd00:ec2::23",
  "fd20:ce::254",
];

const METADATA: ReadonlySet<string> = new Set(METADATA_ADDRESSES.map((address) => ipaddr.parse(address).toString()));

const LOCAL_RANGES: ReadonlySet<string> = new Set(["loopback", "private", "uniqueLocal"]);

/** All of IPv6 that has been handed out to the public. Source: https://www.iana.org/assignments/ipv6-address-space */
const PUBLIC_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * Names that never lead to the public internet, with all names below them.
 * Source: https://www.iana.org/assignments/special-use-domain-names
 */
const LOCAL_DOMAINS = /(?:^|\.)(?:localhost|localdomain|local|internal|home\.arpa)$/;

/** The guard that goes by these rules. Throws a TypeError for a range that is not one. */
export function createAddressGuard(rules: AddressRules): AddressGuard {
  const ranges = (rules.allowedRanges ?? []).map(parseRange);
  return (text) => {
    const address = parseAddress(text);
    if (address === null) return false;
    const metadata = METADATA.has(address.toString());
    for (const [base, bits] of ranges) {
      if (base.kind() !== address.kind() || !address.match(base, bits)) continue;
      if (!metadata || bits === (address.kind() === "ipv4" ? 32 : 128)) return true;
    }
    if (metadata) return false;
    return isPublic(address) || (rules.allowLocal && LOCAL_RANGES.has(address.range()));
  };
}

/**
 * Whether `text` is a URL that may be delivered to, as far as can be told without asking the name service; the
 * addresses behind a name are judged when it is connected to. Pure.
 */
export function checkUrl(text: string, rules: AddressRules): UrlCheck {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return refused("scheme_missing");
  // The URL parser drops tabs and line breaks without a word; whoever sent them meant something else.
  if (/[\s\p{Cc}]/u.test(text)) return refused("invalid");
  const url = URL.parse(text);
  if (url === null) return refused("invalid");
  if (url.protocol !== "https:" && url.protocol !== "http:") return refused("not_http");
  if (url.username !== "" || url.password !== "") return refused("has_credentials");
  // However a host is spelt, as decimal, octal, hexadecimal or short form, the parser has made one form of it.
  const host = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  if (parseAddress(host) !== null) return createAddressGuard(rules)(host) ? { problem: null, url } : refused("address_not_public");
  const namesJudged = !rules.allowLocal && (rules.allowedRanges ?? []).length === 0;
  return namesJudged && isLocalName(host) ? refused("name_not_public") : { problem: null, url };
}

function refused(problem: UrlProblem): UrlCheck {
  return { problem, url: null };
}

/** An address, or the IPv4 address that an IPv6 one stands for; null when it is neither. */
function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  return ipaddr.isValid(text) ? ipaddr.process(text) : null;
}

function parseRange(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (!ipaddr.isValidCIDR(text)) throw new TypeError(`Not a range of addresses: "${text}". Give it as CIDR, such as 10.20.0.0/16.`);
  return ipaddr.parseCIDR(text);
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address.range() === "unicast" && (address.kind() === "ipv4" || address.match(PUBLIC_IPV6));
}

/** A name without a dot is only known on its own network. */
function isLocalName(host: string): boolean {
  const name = host.toLowerCase().replace(/\.+$/, "");
  return !name.includes(".") || LOCAL_DOMAINS.test(name);
}
