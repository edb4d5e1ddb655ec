import type { CarabinerOptions } from "@carabiner/server";
import type { Command } from "commander";
import { CommandFailure } from "./command-failure.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { secretFrom } from "./secret-from.ts";
import type { Terminal } from "./terminal.ts";

/** The options that say how deliveries leave a server, and where they may go. */
export interface EgressCommandOptions {
  allowNetwork?: readonly string[];
  refusePort?: readonly string[];
  allowPort?: readonly string[];
  nameServer?: readonly string[];
  egressProxy?: string;
}

const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Adds the options of egress. Most can be given several times. */
export function withEgressOptions(command: Command): Command {
  return command
    .option(
      "--allow-network <range>",
      "allow endpoints in this range of private addresses, such as 10.20.0.0/16; may be given again (environment: CARABINER_ALLOW_NETWORK, with commas)",
      several,
    )
    .option(
      "--refuse-port <port>",
      "send nothing to this port; may be given again (environment: CARABINER_REFUSE_PORT, with commas)",
      several,
    )
    .option(
      "--allow-port <port>",
      "send to this port and to no others; may be given again (environment: CARABINER_ALLOW_PORT, with commas)",
      several,
    )
    .option(
      "--name-server <address>",
      "ask this name server, IP or IP:PORT, instead of the machine's; may be given again (environment: CARABINER_NAME_SERVER, with commas)",
      several,
    )
    .option(
      "--egress-proxy <url>",
      "send through this proxy, http://HOST:PORT; a password belongs in the environment (environment: CARABINER_EGRESS_PROXY, or the file that CARABINER_EGRESS_PROXY_FILE names)",
    );
}

/**
 * The values of the options, or else of the environment. Throws a usage error that names the option or the variable for
 * an invalid port; the server validates the rest.
 */
export function egressOf(options: EgressCommandOptions, env: Terminal["env"]): NonNullable<CarabinerOptions["egress"]> {
  const texts = (given: readonly string[] | undefined, variable: string): readonly string[] =>
    given ?? (env[variable] ?? "").split(",").flatMap((text) => (text.trim() === "" ? [] : [text.trim()]));
  const ports = (given: readonly string[] | undefined, flag: string, variable: string): number[] =>
    texts(given, variable).map((text) => {
      if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
      throw new CommandFailure(`${given === undefined ? variable : flag}: not a port: ${text}`, {
        advice: "Give it as a whole number from 0 to 65535.",
        exitCode: EXIT_CODES.usage,
      });
    });
  const proxy = options.egressProxy ?? secretFrom(env, "CARABINER_EGRESS_PROXY");
  return {
    allowedRanges: texts(options.allowNetwork, "CARABINER_ALLOW_NETWORK"),
    refusedPorts: ports(options.refusePort, "--refuse-port", "CARABINER_REFUSE_PORT"),
    allowedPorts: ports(options.allowPort, "--allow-port", "CARABINER_ALLOW_PORT"),
    nameServers: texts(options.nameServer, "CARABINER_NAME_SERVER"),
    ...(proxy === undefined ? {} : { proxy }),
  };
}
