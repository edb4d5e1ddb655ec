import type { CarabinerOptions } from "@carabiner/server";
import type { Command } from "commander";

/** What a server's command allows the Stripe CLI. */
export interface StripeListenOptions {
  stripeListen?: boolean;
  listenEndpointSecrets?: true;
}

/** Adds the options for `stripe listen`: whether it works, and how its events are signed. */
export function withStripeListenOptions(command: Command): Command {
  return command
    .option("--no-stripe-listen", "refuse `stripe listen` and `stripe logs tail`")
    .option("--listen-endpoint-secrets", "sign what `stripe listen` forwards with the secrets of the registered endpoints too");
}

/** The server options for these. */
export function listeningOf({
  stripeListen,
  listenEndpointSecrets,
}: StripeListenOptions): Pick<CarabinerOptions, "stripeListen" | "listenEndpointSecrets"> {
  return { stripeListen: stripeListen !== false, listenEndpointSecrets: listenEndpointSecrets === true };
}
