import { lookup as systemLookup } from "node:dns/promises";
import { isIP, type LookupFunction, type Socket } from "node:net";
import { createSecureContext, getCACertificates } from "node:tls";
import { buildConnector, errors } from "undici";
import type { AddressGuard } from "./address-guard.ts";
import { ADDRESS_BLOCKED } from "./fault-of-error.ts";

/** An address that a name stands for. */
export interface ResolvedAddress {
  address: string;
  family: number;
}

/** Finds all addresses of a host name. Rejects with the system's error when there are none. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

export interface ConnectorOptions {
  /** Judges every address before it is connected to, and again when it is. */
  guard: AddressGuard;
  /** To connect, with the lookup of the name and TLS. */
  timeoutMs: number;
  /** The system's own when left out. */
  resolve?: Resolve;
  /** Certificates (PEM) of authorities to trust beside those that Node.js trusts. */
  certificateAuthorities?: readonly string[];
}

/**
 * A connector for undici that goes only where the guard lets it. A name is looked up once and refused if any of its
 * addresses is not allowed; the connection is made to the very addresses that were judged, so a name that changes its
 * answer between two lookups gains nothing. HTTP/1.1, TLS 1.2 or later, certificates verified.
 */
export function createGuardedConnector({ guard, timeoutMs, resolve, certificateAuthorities }: ConnectorOptions): buildConnector.connector {
  const lookup = guardedLookup(guard, shareLookups(resolve ?? ((hostname) => systemLookup(hostname, { all: true }))));
  const connect = buildConnector({
    allowH2: false,
    // Coarse: it is there to close the socket of a connection that was given up below.
    timeout: timeoutMs,
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
    lookup,
    ...(certificateAuthorities === undefined
      ? {}
      : {
          secureContext: createSecureContext({ ca: [...getCACertificates("default"), ...certificateAuthorities], minVersion: "TLSv1.2" }),
        }),
  });

  return (options, callback) => {
    // A host that is an address is not looked up.
    if (isIP(options.hostname) !== 0 && !guard(options.hostname)) {
      queueMicrotask(() => callback(blocked(), null));
      return;
    }
    let waiting = true;
    const timer = setTimeout(() => {
      waiting = false;
      callback(new errors.ConnectTimeoutError(), null);
    }, timeoutMs);
    connect(options, (error, socket) => {
      if (!waiting) {
        socket?.destroy();
        return;
      }
      waiting = false;
      clearTimeout(timer);
      if (error !== null) return callback(error, null);
      const refusal = refuse(socket, guard);
      if (refusal === null) return callback(null, socket);
      socket.destroy();
      callback(refusal, null);
    });
  };
}

/** Why the socket that has just connected must not be used; null when it may. */
function refuse(socket: Socket, guard: AddressGuard): Error | null {
  // Gone already when the other side closed as soon as it had accepted.
  if (socket.remoteAddress === undefined) return withCode("The connection was closed.", "ECONNRESET");
  return guard(socket.remoteAddress) ? null : blocked();
}

function guardedLookup(guard: AddressGuard, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined) callback(withCode("The name has no address.", "ENOTFOUND"), []);
        else if (!addresses.every(({ address }) => guard(address))) callback(blocked(), []);
        else if (options.all === true) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

/** Connections that begin together share one lookup of their name: the system has only a few threads for that. */
function shareLookups(resolve: Resolve): Resolve {
  const underWay = new Map<string, Promise<readonly ResolvedAddress[]>>();
  return (hostname) => {
    const shared = underWay.get(hostname);
    if (shared !== undefined) return shared;
    const lookup = resolve(hostname).finally(() => underWay.delete(hostname));
    underWay.set(hostname, lookup);
    return lookup;
  };
}

function blocked(): Error {
  return withCode("The address is not allowed.", ADDRESS_BLOCKED);
}

function withCode(message: string, code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}
