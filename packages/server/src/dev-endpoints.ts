import { apiError, type IdSource } from "@carabiner/protocol";
import type { Limits } from "./limits.ts";
import type { Settings } from "./operations/operation.ts";
import { endpointUrlProblem } from "./resources/webhook-endpoints/endpoint-url.ts";
import { newEndpoint } from "./resources/webhook-endpoints/new-endpoint.ts";
import { switchEndpoint } from "./resources/webhook-endpoints/webhook-endpoints.ts";
import type { EndpointRow } from "./store/contract/rows.ts";
import type { Transaction } from "./store/contract/transaction.ts";
import type { Store } from "./store/store.ts";

/**
 * The default signing secret of the endpoints that a `dev` server forwards to. Like the server's keys, it is public.
 */
const DEV_WEBHOOK_SECRET = "whsec_carabinerForLocalTesting";

/** Where a `dev` server sends events from its start. */
export interface Forwarding {
  /** The platform's own events, in test mode. */
  to?: string;
  /** Events of its connected accounts. */
  connectTo?: string;
  /** The signing secret of both; `whsec_carabinerForLocalTesting` by default. */
  secret?: string;
}

/** The endpoints a `dev` server forwards to: their ids, and their common secret. */
export interface ForwardedTo {
  endpoint: string | null;
  connectEndpoint: string | null;
  secret: string;
}

/** An address or a secret that cannot be used for forwarding. `option` names its field in `Forwarding`. */
class InvalidForwarding extends Error {
  override readonly name = "InvalidForwarding";
  readonly option: keyof Forwarding;

  constructor(option: keyof Forwarding, message: string) {
    super(message);
    this.option = option;
  }
}

/** The setting that stores their ids and secret. */
const SETTING = "dev_endpoints";

interface Kept {
  to?: string;
  connectTo?: string;
}

export interface ForwardingContext {
  account: string;
  now: number;
  ids: IdSource;
  limits: Limits;
  settings: Settings;
}

/**
 * The endpoints of a `dev` server's platform that events are forwarded to. The first start with the option makes them.
 * Later starts find them, enable them, and set the address and the secret. Throws `InvalidForwarding`.
 */
export function devEndpoints(store: Store, forwarding: Forwarding, context: ForwardingContext): Promise<ForwardedTo> {
  const { secret = DEV_WEBHOOK_SECRET } = forwarding;
  if (!/^whsec_[\w+/=-]{8,128}$/.test(secret))
    throw new InvalidForwarding("secret", "a signing secret is whsec_ and 8 to 128 letters, digits or signs of base64 after it");
  return store.transaction(async (tx) => {
    const before = ((await tx.setting(SETTING)) ?? {}) as Kept;
    const place = async (option: "to" | "connectTo"): Promise<string | null> => {
      const url = forwarding[option];
      return url === undefined ? null : forwardTo(tx, option, { url, secret, kept: before[option] ?? null }, context);
    };
    const endpoint = await place("to");
    const connectEndpoint = await place("connectTo");
    const after: Kept = {
      ...before,
      ...(endpoint === null ? {} : { to: endpoint }),
      ...(connectEndpoint === null ? {} : { connectTo: connectEndpoint }),
    };
    if (after.to !== before.to || after.connectTo !== before.connectTo) await tx.saveSetting(SETTING, { ...after });
    return { endpoint, connectEndpoint, secret };
  });
}

/** Makes the endpoint, or updates it. Returns its id. */
async function forwardTo(
  tx: Transaction,
  option: "to" | "connectTo",
  { url, secret, kept }: { url: string; secret: string; kept: string | null },
  { account, now, ids, limits, settings }: ForwardingContext,
): Promise<string> {
  const problem = endpointUrlProblem(url, { livemode: false, destinations: settings.destinations });
  if (problem !== null) throw new InvalidForwarding(option, apiError(problem.error, problem.values).message);
  const found = kept === null ? null : await tx.endpoint(kept);
  if (found !== null && !found.deleted && found.accountId === account) {
    const current: EndpointRow = { ...found, url, secrets: [{ secret, expiresAt: null }], ...switchEndpoint(found, false) };
    if (JSON.stringify(current) !== JSON.stringify(found)) await tx.updateEndpoint(current);
    return found.id;
  }
  if ((await tx.countEndpoints({ accountId: account, livemode: false })) >= limits.endpointsPerMode)
    throw new InvalidForwarding(option, apiError("endpoint_limit", { limit: limits.endpointsPerMode, mode: "test" }).message);
  const made = newEndpoint({
    id: ids.newId("webhook_endpoint", now),
    accountId: account,
    livemode: false,
    connect: option === "connectTo",
    url,
    enabledEvents: ["*"],
    apiVersion: null,
    description: "where carabiner dev forwards to",
    metadata: {},
    created: now,
    madeBy: null,
    secret,
  });
  await tx.insertEndpoint(made);
  return made.id;
}
