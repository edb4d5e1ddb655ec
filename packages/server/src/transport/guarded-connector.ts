import { isIP, type LookupFunction, connect as netConnect, type Socket } from "node:net";
// Imported by its default export: an older Node.js that lacks an imported name could not say which version is needed.
import tls, { createSecureContext, type SecureContext, type TLSSocket, connect as tlsConnect } from "node:tls";
import { type AddressGuard, isMetadataAddress } from "../destinations.ts";
import { type EgressProxy, openTunnel } from "./egress-proxy.ts";
import { ADDRESS_BLOCKED, CONNECT_TIMED_OUT, NAME_NOT_FOUND, NAME_SERVICE_AWAY, PROXY_FAILED } from "./fault-of-error.ts";
import { FirstHandshakes, type RefusalLimits } from "./first-handshakes.ts";
import type { Phases } from "./transport.ts";

/** An address of a name. */
export interface ResolvedAddress {
  address: string;
  family: number;
}

/**
 * Finds all addresses of a host name, in the order in which to try them. Rejects with an error whose code is
 * NAME_NOT_FOUND or NAME_SERVICE_AWAY.
 */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/** The destination of a connection. */
export interface Destination {
  /** `https://example.com`: connections to one origin are interchangeable. */
  origin: string;
  /** Whether it uses TLS. */
  secure: boolean;
  /** A name, or an address without brackets. */
  hostname: string;
  port: number;
}

/** How long the parts of connecting took, in milliseconds; null until each is done. */
export type ConnectPhases = Pick<Phases, "dnsMs" | "connectMs" | "tlsMs">;

/**
 * Connects, and calls back once. Records in `phases` how long each part took. Returns a function that cancels: it
 * closes the socket without a callback.
 */
export type Connect = (
  to: Destination,
  phases: ConnectPhases,
  done: (...result: [error: Error, socket: null] | [error: null, socket: Socket]) => void,
) => () => void;

export interface ConnectorOptions {
  /** Checks every address before the connection and again after it. With a proxy, the proxy checks. */
  guard: AddressGuard;
  /** The time to connect, including the look-up of the name, the proxy and TLS. */
  timeoutMs: number;
  /** The largest head of a proxy's answer. */
  headBytes: number;
  resolve: Resolve;
  limits: RefusalLimits;
  /** Makes all connections for this server. */
  proxy?: EgressProxy | null;
  /** Certificates (PEM) of authorities to trust in addition to those that Node.js trusts. */
  certificateAuthorities?: readonly string[];
}

/** How many addresses of one name are tried. All are checked. */
const ADDRESSES_TRIED = 16;

/**
 * Without the key exchange whose numbers are as large as the receiver likes: one of 10,000 bits occupies the sending
 * thread for a quarter of a second at each connection, at the cost of all other receivers.
 */
const CIPHERS = `${tls.DEFAULT_CIPHERS}:!kDHE`;

/** How many TLS sessions are kept for resumption. */
const SESSIONS_KEPT = 256;

/** When the operating system probes whether an idle connection is alive. */
const KEEP_ALIVE_PROBE_MS = 60_000;

/**
 * A connector that goes only where the guard allows. A name is looked up once and refused if any of its addresses is
 * not allowed. The connection uses exactly the checked addresses, so changing a name between two look-ups does not help
 * an attacker. For HTTP/1.1: TLS 1.2 or later, certificates verified.
 */
export function createGuardedConnector(options: ConnectorOptions): Connect {
  const { proxy = null, timeoutMs } = options;
  const { loadAuthorities, secured } = createTls(options.certificateAuthorities);
  const handshakes = new FirstHandshakes(options.limits, { now: () => performance.now(), worked: threadMs });
  /** The operator of the server chose the proxy, so it may be on a private network. */
  const firstHop = proxy === null ? options.guard : (address: string) => !isMetadataAddress(address);

  async function open(to: Destination, attempt: Attempt): Promise<Socket> {
    const { hostname, port } = proxy ?? to;
    const socket = await tcp(hostname, port, firstHop, options.resolve, attempt).catch((error: unknown) => {
      throw proxy === null || attempt.over ? error : withCode("The egress proxy cannot be reached.", PROXY_FAILED, error);
    });
    if (proxy === null) return finish(socket, to, attempt);
    const first = proxy.secure
      ? await secured(socket, proxy.hostname, attempt).catch((error: unknown) => {
          throw withCode("There is no TLS with the egress proxy.", PROXY_FAILED, error);
        })
      : socket;
    await openTunnel(first, proxy, `${isIP(to.hostname) === 6 ? `[${to.hostname}]` : to.hostname}:${to.port}`, options.headBytes);
    return finish(first, to, attempt);
  }

  /** Continues from a connection to the destination. */
  async function finish(socket: Socket, to: Destination, attempt: Attempt): Promise<Socket> {
    attempt.phases.connectMs = lap(attempt);
    if (!to.secure) return socket;
    // Not counted as what the first handshake costs.
    loadAuthorities();
    const made = await handshakes.run(
      to.origin,
      () => attempt.over,
      () => secured(socket, to.hostname, attempt),
    );
    attempt.phases.tlsMs = lap(attempt);
    return made;
  }

  return (to, phases, done) => {
    const attempt: Attempt = { over: false, naming: false, sockets: [], phases, since: performance.now() };
    const giveUp = (): void => {
      attempt.over = true;
      clearTimeout(timer);
      for (const socket of attempt.sockets) socket.destroy();
    };
    const timer = setTimeout(() => {
      giveUp();
      const code = proxy !== null ? PROXY_FAILED : attempt.naming ? NAME_SERVICE_AWAY : CONNECT_TIMED_OUT;
      done(withCode("There was no connection in time.", code), null);
    }, timeoutMs);
    open(to, attempt).then(
      (socket) => {
        if (attempt.over) return;
        clearTimeout(timer);
        done(null, socket);
      },
      (error: Error) => {
        if (attempt.over) return;
        giveUp();
        done(error, null);
      },
    );
    return giveUp;
  };
}

/** A connection in progress. */
interface Attempt {
  /** Cancelled. */
  over: boolean;
  /** Whether it waits for the name service. */
  naming: boolean;
  /** What to close when it is cancelled. */
  sockets: Socket[];
  phases: ConnectPhases;
  /** When the current part began, by the monotonic clock. */
  since: number;
}

/** How long the current part took, in milliseconds. The next part begins. */
function lap(attempt: Attempt): number {
  const now = performance.now();
  const took = now - attempt.since;
  attempt.since = now;
  return took;
}

/** A TCP connection to an address, which the guard checks before and after. */
async function tcp(hostname: string, port: number, guard: AddressGuard, resolve: Resolve, attempt: Attempt): Promise<Socket> {
  const addresses = await judgedAddresses(hostname, guard, resolve, attempt);
  if (attempt.over) throw withCode("It was given up.", CONNECT_TIMED_OUT);
  const socket = netConnect({ host: hostname, port, lookup: pinned(addresses), autoSelectFamily: true });
  await connected(socket, "connect", attempt);
  socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_PROBE_MS);
  // The socket may already be gone if the other side closed it right after accepting.
  if (socket.remoteAddress === undefined) throw withCode("The connection was closed.", "ECONNRESET");
  if (!guard(socket.remoteAddress)) throw blocked();
  return socket;
}

async function judgedAddresses(
  hostname: string,
  guard: AddressGuard,
  resolve: Resolve,
  attempt: Attempt,
): Promise<readonly ResolvedAddress[]> {
  const family = isIP(hostname);
  attempt.naming = family === 0;
  const addresses = family === 0 ? await resolve(hostname) : [{ address: hostname, family }];
  attempt.naming = false;
  if (family === 0) attempt.phases.dnsMs = lap(attempt);
  if (addresses.length === 0) throw withCode("The name has no address.", NAME_NOT_FOUND);
  if (!addresses.every(({ address }) => guard(address))) throw blocked();
  return addresses.slice(0, ADDRESSES_TRIED);
}

/** A look-up with a known answer, which avoids a second query. */
function pinned(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses as [ResolvedAddress];
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
}

/** Resolves when the socket is connected; rejects with its error. */
function connected(socket: Socket, event: "connect" | "secureConnect", attempt: Attempt): Promise<void> {
  attempt.sockets.push(socket);
  // The listener stays attached: a late error must not be thrown.
  socket.on("error", () => undefined);
  return new Promise((resolve, reject) => {
    const closed = (): void => reject(withCode("The connection was closed.", "ECONNRESET"));
    socket.once("error", reject);
    socket.once("close", closed);
    socket.once(event, () => {
      socket.off("error", reject).off("close", closed);
      resolve();
    });
  });
}

/** Upgrades connections to TLS, and resumes sessions. */
function createTls(certificateAuthorities: readonly string[] | undefined) {
  const sessions = new Map<string, Buffer>();
  let context: SecureContext | null = null;

  function loadAuthorities(): SecureContext {
    context ??= createSecureContext({
      minVersion: "TLSv1.2",
      ciphers: CIPHERS,
      ...(certificateAuthorities === undefined ? {} : { ca: [...tls.getCACertificates("default"), ...certificateAuthorities] }),
    });
    return context;
  }

  async function secured(socket: Socket, hostname: string, attempt: Attempt): Promise<TLSSocket> {
    const session = sessions.get(hostname);
    const made = tlsConnect({
      socket,
      // A server name must not be an address. Source: https://www.rfc-editor.org/rfc/rfc6066#section-3
      servername: isIP(hostname) === 0 ? hostname.replace(/\.$/, "") : "",
      host: hostname,
      secureContext: loadAuthorities(),
      minVersion: "TLSv1.2",
      rejectUnauthorized: true,
      ALPNProtocols: ["http/1.1"],
      ...(session === undefined ? {} : { session }),
    });
    made.on("session", (kept) => {
      sessions.delete(hostname);
      if (sessions.size >= SESSIONS_KEPT) sessions.delete(sessions.keys().next().value as string);
      sessions.set(hostname, kept);
    });
    await connected(made, "secureConnect", attempt).catch((error: unknown) => {
      // Otherwise a receiver that breaks off when it cannot resume a session would be offered it for ever.
      if (sessions.get(hostname) === session) sessions.delete(hostname);
      throw error;
    });
    return made;
  }

  return { loadAuthorities, secured };
}

/** How long this thread has worked, in milliseconds. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function blocked(): Error {
  return withCode("The address is not allowed.", ADDRESS_BLOCKED);
}

function withCode(message: string, code: string, cause?: unknown): NodeJS.ErrnoException {
  return Object.assign(new Error(message, cause === undefined ? {} : { cause }), { code });
}
