import type { ApiClient } from "../api-client.ts";
import type { Stage } from "./stage.ts";

/** How an event of a type comes about: what is done, in words, and the calls that do it. */
export interface Cause {
  /** What happens, for the person who reads it. */
  what: string;
  /** How long it takes until the event, by the server's clock, where it is not there at once. */
  later?: string;
  run(stage: Stage): Promise<unknown>;
}

/** The client on whose account payments happen: the account that was named, or else the platform. */
export const payee = ({ named, platform, on }: Stage): ApiClient => (named === null ? platform : on(named));

/** A payment whose card is declined: that is what was asked for, so the refusal is no failure. */
export async function declined(call: Promise<unknown>): Promise<void> {
  await call.catch((error: { refusal?: { code?: unknown } }) => {
    if (error.refusal?.code !== "card_declined") throw error;
  });
}
