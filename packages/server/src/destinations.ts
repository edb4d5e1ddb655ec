import ipaddr from "ipaddr.js";

/**
 * Where deliveries may go. The same rules apply to an endpoint's URL when it is registered, and to every connection
 * that a delivery makes.
 */
export interface DestinationRules {
  /** For development: allows loopback and private addresses, and names for them. */
  allowLocal: boolean;
  /** Ranges that are allowed although they are not public, as CIDR: `10.20.0.0/16`. */
  allowedRanges?: readonly string[];
  /** Ports that deliveries may not use. */
  refusedPorts?: readonly number[];
  /** If set, deliveries go only to these ports. */
  allowedPorts?: readonly number[];
}

/** Says whether a connection to an IP address, given as text, is allowed. Refuses text that it cannot parse. */
export type AddressGuard = (address: string) => boolean;

/** What is wrong with a URL to deliver to. */
export type UrlProblem =
  /** It does not begin with a scheme and `://`. */
  | "scheme_missing"
  /** It is not a URL. */
  | "invalid"
  /** Its scheme is neither http nor https. */
  | "not_http"
  /** It holds a user name or a password. */
  | "has_credentials"
  /** The rules do not allow its address, its name or its port. The message does not say which. */
  | "not_allowed";

/** A URL that deliveries may go to, or why not. */
export type UrlCheck = { problem: null; url: URL } | { problem: UrlProblem; url: null };

/**
 * Services that hand out a cloud machine's credentials. They are refused even in development, and even in an allowed
 * range, unless the range is exactly that address.
 * Sources: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html,
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html,
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html,
 * https://cloud.google.com/compute/docs/metadata/querying-metadata,
 * https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata,
 * https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16,
 * https://docs.oracle.com/iaas/Content/Compute/Tasks/gettingmetadata.htm
 */
const METADATA_ADDRESSES = [
  "169.254.169.254",
  "169.254.170.2",
  "169.254.170.23",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "fd00:ec2::254",
  "fd00:ec2::23",
  "fd00:c1::a9fe:a9fe",
  "fd20:ce::254",
];

const METADATA: ReadonlySet<string> = new Set(METADATA_ADDRESSES.map((address) => ipaddr.parse(address).toString()));

/**
 * Ports of services other than HTTP. Browsers refuse them, because such a service could read a POST as commands.
 * Source: https://fetch.spec.whatwg.org/#port-blocking
 */
export const PORTS_NOT_FOR_HTTP: readonly number[] = [
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117,
  119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636,
  989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

const LOCAL_RANGES: ReadonlySet<string> = new Set(["loopback", "private", "uniqueLocal"]);

/** All public IPv6 addresses. Source: https://www.iana.org/assignments/ipv6-address-space */
const PUBLIC_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * Names that never lead to the public internet, and all names below them.
 * Source: https://www.iana.org/assignments/special-use-domain-names
 */
const LOCAL_DOMAINS = /(?:^|\.)(?:localhost|localdomain|local|internal|home\.arpa)$/;

/** Makes the guard for these rules. Throws a TypeError for an invalid range. */
export function createAddressGuard(rules: DestinationRules): AddressGuard {
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
 * Whether an address belongs to a service that hands out a cloud machine's credentials, or the text is not an address.
 */
export function isMetadataAddress(text: string): boolean {
  const address = parseAddress(text);
  return address === null || METADATA.has(address.toString());
}

/**
 * Says whether deliveries may go to the URL `text`, as far as that is known without a name lookup. The addresses of a
 * name are checked when a delivery connects. Pure.
 */
export function checkUrl(text: string, rules: DestinationRules): UrlCheck {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return refused("scheme_missing");
  // The URL parser silently drops tabs and line breaks, so the URL would differ from the one that was sent.
  if (/[\s\p{Cc}]/u.test(text)) return refused("invalid");
  const url = URL.parse(text);
  if (url === null) return refused("invalid");
  if (url.protocol !== "https:" && url.protocol !== "http:") return refused("not_http");
  if (url.username !== "" || url.password !== "") return refused("has_credentials");
  return hostAllowed(hostOf(url), rules) && portAllowed(portOf(url), rules) ? { problem: null, url } : refused("not_allowed");
}

/** The host of a URL: a name, or an address without the brackets of IPv6. Addresses are in their normal form. */
export function hostOf(url: URL): string {
  return url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
}

/** The port of an http or https URL. If the URL leaves it out, the default of its scheme. */
export function portOf(url: URL): number {
  return url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
}

/** Whether `text` is a range of addresses in CIDR form. */
export function isRange(text: string): boolean {
  return ipaddr.isValidCIDR(text);
}

function refused(problem: UrlProblem): UrlCheck {
  return { problem, url: null };
}

function hostAllowed(host: string, rules: DestinationRules): boolean {
  if (parseAddress(host) !== null) return createAddressGuard(rules)(host);
  // When ranges of a private network are allowed, its names must be allowed too.
  return rules.allowLocal || (rules.allowedRanges ?? []).length > 0 || !isLocalName(host);
}

function portAllowed(port: number, { refusedPorts = [], allowedPorts = [] }: DestinationRules): boolean {
  return !refusedPorts.includes(port) && (allowedPorts.length === 0 || allowedPorts.includes(port));
}

/** An address, or the IPv4 address that an IPv6 one contains; null when the text is not an address. */
function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  return ipaddr.isValid(text) ? ipaddr.process(text) : null;
}

function parseRange(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (!isRange(text)) throw new TypeError(`Not a range of addresses: "${text}". Give it as CIDR, such as 10.20.0.0/16.`);
  return ipaddr.parseCIDR(text);
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address.range() === "unicast" && (address.kind() === "ipv4" || address.match(PUBLIC_IPV6));
}

/** A name without a dot is known only on its own network. */
function isLocalName(host: string): boolean {
  const name = host.toLowerCase().replace(/(?<!\.)\.+$/, "");
  return !name.includes(".") || LOCAL_DOMAINS.test(name);
}
