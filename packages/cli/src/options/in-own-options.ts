import type { Command, Option } from "commander";
import { formatDuration } from "../output/duration.ts";

/** Options whose name differs from the parameter that they set, by parameter. */
const RENAMED: Readonly<Record<string, readonly string[]>> = {
  "created[gte]": ["--since"],
  "created[lt]": ["--until"],
  "created[lte]": ["--until"],
  enabled_events: ["--events"],
  endpoint_disable_seconds: ["--disable-failing-after"],
  endpoint_warning_seconds: ["--warn-failing-after"],
  events_kept_seconds: ["--keep-events"],
  file: ["--to"],
  url: ["--to"],
};

/** A server's refusal in the terms of a command line. */
export interface OwnWords {
  message: string;
  /** The option that set the parameter. */
  option: string;
}

/**
 * A refusal of a parameter, worded for the person who typed the command: it names the option, and its times have units.
 * Null when no option of the command sets the parameter.
 */
export function inOwnOptions(message: string, param: string, { options }: Pick<Command, "options">): OwnWords | null {
  const name = param.replace(/\[\d+\]$/, "");
  const names = RENAMED[name] ?? [`--${name.replaceAll("_", "-")}`];
  const option = options.find(({ long }) => long !== undefined && long !== null && names.includes(long));
  if (option === undefined) return null;
  const long = option.long as string;
  const said = message.startsWith(`Invalid ${param}: `) ? message.slice(`Invalid ${param}: `.length) : message;
  return {
    option: long,
    message: `${long}: ${takesTime(option) ? said.replaceAll(/\b\d+\b/g, (count) => formatDuration(Number(count))) : said}`,
  };
}

/** Whether an option's time is sent in seconds. */
const takesTime = ({ flags, long }: Option): boolean => /<(?:time|duration)>/.test(flags) && long !== "--since" && long !== "--until";
