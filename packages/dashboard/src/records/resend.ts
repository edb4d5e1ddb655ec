import type { UseMutationResult } from "@tanstack/react-query";
import type { Delivery, PlatformEvent } from "../api/answers.ts";
import { useAct } from "../api/queries.ts";
import { tell } from "../design/toasts.tsx";

/** An event, and the endpoint that it is sent to again. */
export interface Resend {
  event: string;
  type: string;
  account: string | undefined;
  endpoint: string;
}

/** Sends an event again to one endpoint, in one attempt beside the automatic ones. */
export function useResend(): UseMutationResult<PlatformEvent, Error, Resend> {
  return useAct<Resend, PlatformEvent>(
    async (client, { event, type, account, endpoint }) => {
      try {
        const answer = await client.post<PlatformEvent>(`/v1/events/${event}/retry`, { webhook_endpoint: endpoint, account });
        tell(`${type} is sent again.`, { href: `/events/${event}` });
        return answer;
      } catch (error) {
        tell(error instanceof Error ? error.message : String(error), { tone: "bad" });
        throw error;
      }
    },
    ["events", "deliveries", "endpoints"],
  );
}

/** What to send again for a delivery. */
export const resendOf = ({ event, event_type, account, webhook_endpoint }: Delivery): Resend => ({
  event,
  type: event_type,
  account,
  endpoint: webhook_endpoint,
});
