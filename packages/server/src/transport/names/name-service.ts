import { Resolver } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import type { Limits } from "../../limits.ts";
import { NAME_NOT_FOUND, NAME_SERVICE_AWAY } from "../fault-of-error.ts";
import type { ResolvedAddress } from "../guarded-connector.ts";
import { parseHostsFile } from "./hosts-file.ts";
import { NameCache } from "./name-cache.ts";
import { candidateNames, parseResolverConfiguration } from "./resolver-configuration.ts";
import { WatchedFile } from "./watched-file.ts";

export interface NameServiceOptions {
  limits: Pick<
    Limits,
    | "nameQueryMs"
    | "nameQueryTries"
    | "nameLookupMs"
    | "nameSecondFamilyMs"
    | "nameKeptMs"
    | "nameFailureKeptMs"
    | "namesKept"
    | "nameFileBytes"
  >;
  /** The name servers to ask, as `IP` or `IP:PORT`; those of the machine's `resolv.conf` when left out or empty. */
  nameServers?: readonly string[];
  /** The paths of the machine's hosts file and resolver configuration. */
  files?: { hosts: string; resolverConfiguration: string };
  /** The time in milliseconds, of a clock that never goes back. */
  now(): number;
}

/** Finds the addresses of host names. */
export interface NameService {
  /**
   * All addresses of a name, in the order in which to try them. Rejects with an error whose code is NAME_NOT_FOUND or
   * NAME_SERVICE_AWAY.
   */
  resolve(hostname: string): Promise<readonly ResolvedAddress[]>;
  /** Ends the look-ups under way. */
  close(): void;
}

interface Found {
  addresses: ResolvedAddress[];
  /** How many seconds they are valid. */
  ttl: number;
}

/** The result of one query: addresses (perhaps none), or no answer from the name service. */
type Answered = Found | "away";

const MACHINE_FILES = { hosts: "/etc/hosts", resolverConfiguration: "/etc/resolv.conf" };

/** Codes of c-ares for a name or a record that does not exist. Source: https://nodejs.org/api/dns.html#error-codes */
const NOT_THERE: ReadonlySet<string> = new Set(["ENOTFOUND", "ENODATA", "EBADNAME"]);

/**
 * A name service built on c-ares: no thread waits for an answer, so a name that hangs delays only its own look-ups. It
 * uses `/etc/hosts` and the name servers, search domains and `ndots` of `/etc/resolv.conf`, and rereads them when they
 * change. It does not use other sources of the machine's NSS, such as mDNS or LDAP.
 */
export function createNameService({ limits, nameServers = [], files = MACHINE_FILES, now }: NameServiceOptions): NameService {
  const hosts = new WatchedFile(files.hosts, limits.nameFileBytes, parseHostsFile, now);
  const configuration = new WatchedFile(files.resolverConfiguration, limits.nameFileBytes, parseResolverConfiguration, now);
  const cache = new NameCache<readonly ResolvedAddress[]>(limits.namesKept);
  const underWay = new Map<string, Promise<readonly ResolvedAddress[]>>();
  /** Resolvers in use, including those of earlier configurations, with the number of their queries. */
  const questions = new Map<Resolver, number>();
  let asked: { resolver: Resolver; servers: string } | null = null;
  let configured = configuration.read();
  let closed = false;

  /** The resolver for the current configuration. Its servers cannot be changed during a query. */
  function resolver(): Resolver {
    const servers = nameServers.length > 0 ? nameServers : configured.nameServers;
    if (asked !== null && asked.servers === servers.join(" ")) return asked.resolver;
    const made = new Resolver({ timeout: limits.nameQueryMs, tries: limits.nameQueryTries, maxTimeout: limits.nameQueryMs });
    // Without servers, c-ares uses the system's configuration.
    if (servers.length > 0) made.setServers([...servers]);
    asked = { resolver: made, servers: servers.join(" ") };
    return made;
  }

  async function ask(name: string, family: 4 | 6): Promise<Answered> {
    const by = resolver();
    questions.set(by, (questions.get(by) ?? 0) + 1);
    try {
      const records = family === 4 ? await by.resolve4(name, { ttl: true }) : await by.resolve6(name, { ttl: true });
      const addresses = records.map(({ address }) => ({ address, family }));
      return { addresses, ttl: Math.min(...records.map(({ ttl }) => ttl)) };
    } catch (error) {
      if (!(error instanceof Error && "code" in error && typeof error.code === "string")) throw error;
      return NOT_THERE.has(error.code) ? { addresses: [], ttl: 0 } : "away";
    } finally {
      const left = (questions.get(by) ?? 1) - 1;
      if (left === 0) questions.delete(by);
      else questions.set(by, left);
    }
  }

  /** Queries both address families. The one that answers first waits only a limited time for the other. */
  async function askBoth(name: string): Promise<Answered> {
    const [four, six] = [ask(name, 4), ask(name, 6)];
    const inTime = (mine: Promise<Answered>, other: Promise<Answered>): Promise<Answered> =>
      Promise.race([mine, other.then((found) => (isFound(found) ? after(limits.nameSecondFamilyMs) : mine))]);
    return combined(await Promise.all([inTime(six, four), inTime(four, six)]));
  }

  async function lookUp(hostname: string): Promise<readonly ResolvedAddress[]> {
    let away = false;
    for (const name of candidateNames(hostname, configured)) {
      const answered = await askBoth(name);
      if (answered === "away") away = true;
      else if (answered.addresses.length > 0) {
        const addresses = inOrder(answered.addresses);
        const keptMs = Math.min(answered.ttl * 1_000, limits.nameKeptMs);
        if (keptMs > 0) cache.set(hostname, { value: addresses }, now() + keptMs);
        return addresses;
      }
    }
    throw failure(away);
  }

  /** Fails in time, even if every name server is slow to answer. */
  async function lookUpInTime(hostname: string): Promise<readonly ResolvedAddress[]> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(failure(true)), limits.nameLookupMs);
    try {
      return await Promise.race([lookUp(hostname), late.promise]);
    } catch (error) {
      if (error instanceof Error && !closed) cache.set(hostname, { error }, now() + limits.nameFailureKeptMs);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async resolve(hostname) {
      if (closed) throw failure(true);
      const name = hostname.toLowerCase();
      const own = hosts.read().get(name.replace(/\.$/, "")) ?? loopback(name);
      if (own !== null) return own;
      const configuredNow = configuration.read();
      if (configuredNow !== configured) cache.clear();
      configured = configuredNow;
      const kept = cache.get(name, now());
      if (kept !== null) {
        if ("error" in kept) throw kept.error;
        return kept.value;
      }
      const shared = underWay.get(name);
      if (shared !== undefined) return shared;
      const lookup = lookUpInTime(name).finally(() => underWay.delete(name));
      underWay.set(name, lookup);
      return lookup;
    },
    close() {
      closed = true;
      for (const each of questions.keys()) each.cancel();
    },
  };
}

const NOTHING: Found = { addresses: [], ttl: 0 };

function isFound(answered: Answered): answered is Found {
  return answered !== "away" && answered.addresses.length > 0;
}

/** Both families together. A missing answer counts only if no address was found. */
function combined(answers: readonly Answered[]): Answered {
  const found = answers.filter(isFound);
  if (found.length === 0) return answers.includes("away") ? "away" : NOTHING;
  return { addresses: found.flatMap(({ addresses }) => addresses), ttl: Math.min(...found.map(({ ttl }) => ttl)) };
}

function failure(away: boolean): Error {
  return away
    ? Object.assign(new Error("The name service gave no answer."), { code: NAME_SERVICE_AWAY })
    : Object.assign(new Error("There is no such name."), { code: NAME_NOT_FOUND });
}

/** Resolves with nothing after a time. It does not keep the process alive. */
function after(ms: number): Promise<Answered> {
  return new Promise((resolve) => void setTimeout(resolve, ms, NOTHING).unref());
}

/** Names of this machine, regardless of the name servers. Source: https://www.rfc-editor.org/rfc/rfc6761#section-6.3 */
function loopback(name: string): readonly ResolvedAddress[] | null {
  if (!/(?:^|\.)localhost\.?$/.test(name)) return null;
  return [
    { address: "127.0.0.1", family: 4 },
    { address: "::1", family: 6 },
  ];
}

/**
 * IPv6 addresses first if this machine has a public IPv6 address, else last; otherwise in the original order.
 * The connection is then made to whichever answers first (RFC 8305). Source: https://www.rfc-editor.org/rfc/rfc6724
 */
function inOrder(addresses: readonly ResolvedAddress[]): readonly ResolvedAddress[] {
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const reachesIpv6 = own.some(({ family, internal, address }) => family === "IPv6" && !internal && /^[23]/.test(address));
  const first = reachesIpv6 ? 6 : 4;
  return [...addresses.filter(({ family }) => family === first), ...addresses.filter(({ family }) => family !== first)];
}
