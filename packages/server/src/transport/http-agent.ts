import { Agent } from "undici";
import type { Limits } from "../limits.ts";
import { type AddressRules, createAddressGuard } from "./address-guard.ts";
import { createGuardedConnector, type Resolve } from "./guarded-connector.ts";

export interface HttpAgentOptions extends AddressRules {
  limits: Pick<Limits, "attemptConnectMs" | "attemptsInFlight" | "responseHeaderBytes">;
  /** Certificates (PEM) of authorities to trust beside those that Node.js trusts. */
  certificateAuthorities?: readonly string[];
  /** Finds the addresses of a host name; the system does when left out. */
  resolve?: Resolve;
}

/** Connections without work are closed after this, unless the receiver asks for less: most servers keep them for 5 s. */
const IDLE_CONNECTION_MS = 4_000;

/** A receiver may ask for longer, but then its name would not be looked up again for as long. */
const IDLE_CONNECTION_LONGEST_MS = 30_000;

/** The connections of a transport: HTTP/1.1, kept alive, to the addresses that the rules allow. */
export function createHttpAgent(options: HttpAgentOptions): Agent {
  const { limits } = options;
  return new Agent({
    allowH2: false,
    pipelining: 1,
    connections: limits.attemptsInFlight,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    keepAliveMaxTimeout: IDLE_CONNECTION_LONGEST_MS,
    maxHeaderSize: limits.responseHeaderBytes,
    // One deadline for all of it, in `Exchange`.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: createGuardedConnector({
      guard: createAddressGuard(options),
      timeoutMs: limits.attemptConnectMs,
      ...(options.resolve === undefined ? {} : { resolve: options.resolve }),
      ...(options.certificateAuthorities === undefined ? {} : { certificateAuthorities: options.certificateAuthorities }),
    }),
  });
}
