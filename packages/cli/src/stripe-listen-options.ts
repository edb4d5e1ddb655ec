import type { CarabinerOptions } from "@carabiner/server";
import type { Command } from "commander";

/** What a command that runs a server lets the Stripe CLI do. */
export interface StripeListenOptions {
  stripeListen?: boolean;
  listenEndpointSecrets?: true;
}

/** Adds to a command whether `stripe listen` works, and how what it forwards is signed. */
export function withStripeListenOptions(command: Command): Command {
  return command
    .option("--no-stripe-listen", "refuse `stripe listen` and `stripe logs tail`")
    .option("--listen-endpoint-secrets", "sign what `stripe listen` forwards with the secrets of the registered endpoints too");
}

/** The server's options that these stand for. */
export function listeningOf({
  stripeListen,
  listenEndpointSecrets,
}: StripeListenOptions): Pick<CarabinerOptions, "stripeListen" | "listenEndpointSecrets"> {
  return { stripeListen: stripeListen !== false, listenEndpointSecrets: listenEndpointSecrets === true };
}
