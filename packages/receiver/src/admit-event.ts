import { ArrivedEvent } from "./arrived-event.ts";
import { connectionAfter } from "./connection-events.ts";
import type { Fresh } from "./fetch-fresh.ts";
import { Defer, Discard } from "./handler-errors.ts";
import type { Claim, InboxEvent } from "./inbox/inbox.ts";
import type { AccountPolicy } from "./receiver.ts";
import type { StripeClient } from "./stripe-client.ts";

/** How soon to ask again for an unknown account. */
const UNKNOWN_PAUSE = "10s";

/** Makes a dead letter because of a policy, not a failure. */
export class UnknownAccount extends Error {
  override readonly name = "UnknownAccount";
}

/**
 * Checks every event before a handler gets it. With a policy, its account must be known. If two events of the same
 * second are about one object, the object is fetched, provided there is a client, because it is not known which event
 * is newer.
 */
export function createAdmission(
  policy: AccountPolicy | undefined,
  fresh: Fresh<StripeClient>,
  isConnect: (endpoint: string) => boolean,
): (claim: Claim, tied: boolean) => unknown {
  return ({ event }, tied) => (policy === undefined && !tied ? ArrivedEvent.bodyOf(event) : admitted(event, tied));

  async function admitted(event: InboxEvent, tied: boolean): Promise<unknown> {
    const { account, livemode, type } = event;
    const ofConnection = connectionAfter(type) !== null;
    if (
      policy !== undefined &&
      account !== null &&
      isConnect(event.endpoint) &&
      !ofConnection &&
      !(await policy.known(account, livemode))
    ) {
      const says = `The account ${account} is not known`;
      switch (policy.otherwise ?? "hold") {
        case "hold":
          throw new Defer(says, UNKNOWN_PAUSE);
        case "discard":
          throw new Discard(says);
        case "dead":
          throw new UnknownAccount(says);
      }
    }
    const body = ArrivedEvent.bodyOf(event) as { object?: unknown; data?: object };
    if (!tied || body.object !== "event" || !fresh.has(livemode)) return body;
    const object = await refetched(() => fresh.object(event, body));
    return object === null ? body : { ...body, data: { ...body.data, object } };
  }
}

/** Null when the object is gone or its path is unknown: the event's own copy is used instead. */
async function refetched(fetch: () => Promise<unknown>): Promise<unknown> {
  try {
    return await fetch();
  } catch (error) {
    const status = (error as { statusCode?: unknown }).statusCode;
    if (status === 404 || status === 403 || (error instanceof Error && error.message.startsWith("fresh() does not know"))) return null;
    throw error;
  }
}
