import type { RetryPolicyName } from "@carabiner/server";
import { type Command, InvalidArgumentError, Option } from "commander";
import { DEFAULT_PORT } from "./server-options.ts";

/** The level from which a server logs. */
export type LogLevel = "silent" | "fatal" | "error" | "warn" | "info" | "debug";

/**
 * The names of retry policies, the default first. A test compares them with the server's, because importing it for an
 * option is slow.
 */
export const RETRY_POLICIES: readonly RetryPolicyName[] = ["stripe", "quick", "none"];

const LOG_LEVELS: readonly LogLevel[] = ["silent", "fatal", "error", "warn", "info", "debug"];

/** The options of a command that runs a server. */
export interface ListenOptions {
  host: string;
  port: number;
  publicUrl?: string;
  logLevel: LogLevel;
  dashboard: boolean;
  customEvents?: boolean;
  personEvents: "persons_api" | "all";
  retryPolicy: RetryPolicyName;
}

/** Adds the options for where a server listens and how much it logs by default. */
export function withListenOptions(command: Command, logLevel: LogLevel): Command {
  return command
    .addOption(new Option("--port <port>", "listen on this port; 0 for any that is free").default(DEFAULT_PORT).argParser(parsePort))
    .option("--host <address>", "listen on this address", "127.0.0.1")
    .addOption(
      new Option("--public-url <url>", "where browsers find it, when that is not its own address: its pages' links begin so").argParser(
        parsePublicUrl,
      ),
    )
    .option("--no-dashboard", "do not serve the dashboard")
    .option("--custom-events", "allow event types of your own, such as order.shipped")
    .addOption(
      new Option("--person-events <which>", "record person.* events of people written through the Persons API alone, or of all")
        .choices(["persons_api", "all"])
        .default("persons_api"),
    )
    .addOption(new Option("--retry-policy <name>", "how failed deliveries are retried").choices(RETRY_POLICIES).default("stripe"))
    .addOption(new Option("--log-level <level>", "log to stderr from this level on").choices(LOG_LEVELS).default(logLevel));
}

function parsePublicUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.username + url.password + url.search + url.hash !== "")
    throw new InvalidArgumentError("It must be an address such as https://connect.example.com.");
  return text;
}

/** Parses a port of the command line. Throws a usage error. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (text.trim() === "" || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError("It must be a whole number from 0 to 65535.");
  return port;
}
