import type { ApiClient } from "../api/api-client.ts";
import type { Stage } from "./stage.ts";

/** How to cause an event of a type: a description, and the calls. */
export interface Cause {
  /** What happens, for people. */
  what: string;
  /** How long the event takes by the server's clock, if it does not happen at once. */
  later?: string;
  run(stage: Stage): Promise<unknown>;
}

/** The client of the account that receives payments: the named account, or otherwise the platform. */
export const payee = ({ named, platform, on }: Stage): ApiClient => (named === null ? platform : on(named));

/** A payment with a declined card. The decline is intended, so it is not a failure. */
export async function declined(call: Promise<unknown>): Promise<void> {
  await call.catch((error: { refusal?: { code?: unknown } }) => {
    if (error.refusal?.code !== "card_declined") throw error;
  });
}
