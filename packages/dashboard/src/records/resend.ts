import type { UseMutationResult } from "@tanstack/react-query";
import type { Delivery, PlatformEvent } from "../api/answers.ts";
import { pathTo } from "../api/path-to.ts";
import { useAct } from "../api/queries.ts";

/** An event, and the endpoint that it is resent to. */
export interface Resend {
  event: string;
  type: string;
  account: string | undefined;
  endpoint: string;
}

/** Resends an event to one endpoint, in a single attempt in addition to the automatic ones. */
export function useResend(): UseMutationResult<PlatformEvent, Error, Resend> {
  return useAct<Resend, PlatformEvent>(
    (client, { event, account, endpoint }) => client.post(pathTo`/v1/events/${event}/retry`, { webhook_endpoint: endpoint, account }),
    ["events", "deliveries", "endpoints"],
    { done: (_, { event, type }) => ({ text: `${type} is sent again.`, href: `/events/${event}` }), failsAloud: true },
  );
}

/** What to resend for a delivery. */
export const resendOf = ({ event, event_type, account, webhook_endpoint }: Delivery): Resend => ({
  event,
  type: event_type,
  account,
  endpoint: webhook_endpoint,
});
