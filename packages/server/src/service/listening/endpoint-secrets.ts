import { isThinName } from "@carabiner/protocol";
import { route } from "../../events/route.ts";
import type { Claim } from "../../store/contract/delivery-store.ts";
import { isListener } from "../../store/contract/is-listener.ts";
import type { Store } from "../../store/store.ts";
import type { HeardEvent } from "./frames.ts";

/**
 * The secrets of the webhook endpoints that also receive a listener's event. A local server may verify signatures with
 * any of them.
 */
export async function endpointSecrets(store: Pick<Store, "read">, claim: Claim, heard: HeardEvent): Promise<Claim["endpoint"]["secrets"]> {
  const { accountId: listening } = claim.endpoint;
  const accountId = heard.account ?? listening;
  const subscribers = await store.read((reads) => reads.subscribers(accountId));
  const { livemode, type } = claim.event;
  return route(
    { accountId, livemode, type, platformId: listening, objectId: heard.objectId, payload: isThinName(type) ? "thin" : "snapshot" },
    subscribers,
  )
    .filter(({ endpoint, skipped }) => !skipped && endpoint.accountId === listening && !isListener(endpoint.id))
    .flatMap(({ endpoint }) => endpoint.secrets);
}
