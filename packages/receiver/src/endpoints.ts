import type { EndpointOptions, SecretRequest, Secrets } from "./receiver.ts";
import { fingerprint, secretFault } from "./verify/check-secret.ts";
import type { SigningEndpoint } from "./verify/signing-endpoint.ts";

/** The endpoints of a receiver. */
export interface EndpointTable {
  names: readonly string[];
  /** Throws for an unknown name, which is a bug. */
  get(name: string): { connect: boolean; source: string };
  /**
   * The endpoints with the secrets that apply to a request. Throws an Error that says what is wrong when a resolver
   * does not return any.
   */
  signing(request: SecretRequest): Promise<readonly SigningEndpoint[]>;
  /** The same for every request, if no secret depends on it; otherwise null. */
  readonly always: readonly SigningEndpoint[] | null;
  /** Fingerprints of the secrets, or `by request`. */
  described(): Promise<Record<string, { connect: boolean; source: string; secrets: string[] | "by request" }>>;
}

/**
 * Checks a receiver's endpoints. Throws an Error that says what to do: a missing secret must never let a request pass.
 */
export function readEndpoints(options: Readonly<Record<string, EndpointOptions>>, reserved: ReadonlySet<string>): EndpointTable {
  const names = Object.keys(options);
  if (names.length === 0) {
    throw new Error(
      "createReceiver needs at least one endpoint: endpoints: { connect: { secret: process.env.WHSEC_CONNECT, connect: true } }.",
    );
  }
  const fixed = new Map<string, string[]>();
  for (const [name, { secret }] of Object.entries(options)) {
    if (reserved.has(name))
      throw new Error(`An endpoint cannot be named "${name}": the receiver has a method of that name. Choose another name.`);
    if (typeof secret !== "function") fixed.set(name, checked(name, secret));
  }
  const get = (name: string): { connect: boolean; source: string } => {
    const found = options[name];
    if (found === undefined) throw new Error(`bug: there is no endpoint "${name}"`);
    return { connect: found.connect === true, source: found.source ?? "stripe" };
  };

  const named = (name: string, secrets: string[]): SigningEndpoint => ({ name, connect: get(name).connect, secrets });
  const always = fixed.size === names.length ? [...fixed].map(([name, secrets]) => named(name, secrets)) : null;

  return {
    names,
    get,
    always,
    async signing(request) {
      if (always !== null) return always;
      return Promise.all(
        Object.entries(options).map(async ([name, { secret }]) =>
          named(name, fixed.get(name) ?? checked(name, typeof secret === "function" ? await secret(request) : secret)),
        ),
      );
    },
    async described() {
      const rows: Awaited<ReturnType<EndpointTable["described"]>> = {};
      for (const name of names) {
        const secrets = fixed.get(name);
        rows[name] = { ...get(name), secrets: secrets === undefined ? "by request" : await Promise.all(secrets.map(fingerprint)) };
      }
      return rows;
    },
  };
}

function checked(endpoint: string, given: Secrets): string[] {
  const secrets = typeof given === "string" || !Array.isArray(given) ? [given as string] : [...given];
  if (secrets.length === 0) throw new Error(`The endpoint "${endpoint}" has no secret. Without one, no event can be verified.`);
  secrets.forEach((secret, index) => {
    const fault = secretFault(secret);
    if (fault !== null) {
      throw new Error(`The secret${secrets.length > 1 ? ` number ${index + 1}` : ""} of the endpoint "${endpoint}" ${fault}.`);
    }
  });
  return secrets;
}
