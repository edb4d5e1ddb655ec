import { BlockList, isIP } from "node:net";
import type { CarabinerOptions } from "@carabiner/server";
import type { Command } from "commander";
import { CommandFailure } from "./command-failure.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

/** The options that say whose requests a server accepts, and how many. */
export interface AdmissionOptions {
  trustedProxies?: string;
  ratePerKey?: string;
  ratePerAddress?: string;
}

/** Adds `--trusted-proxies` and the limits on requests. */
export function withAdmissionOptions(command: Command): Command {
  return command
    .option(
      "--trusted-proxies <ranges>",
      "believe what these proxies say in X-Forwarded-For: addresses or CIDR, 10.0.0.0/8,192.0.2.7 (environment: CARABINER_TRUSTED_PROXIES)",
    )
    .option(
      "--rate-per-key <rate>",
      "answer this many requests a second with one key, and at once after a colon: 25 or 25:100 (environment: CARABINER_RATE_PER_KEY)",
    )
    .option("--rate-per-address <rate>", "and from one address: 50 or 50:200 (environment: CARABINER_RATE_PER_ADDRESS)");
}

/**
 * The values of the options, or else of the environment. Throws a usage error that names the option or the variable.
 */
export function admissionOf(options: AdmissionOptions, env: Terminal["env"]): Pick<CarabinerOptions, "trustedProxies" | "limits"> {
  const proxies = given(options.trustedProxies, "--trusted-proxies", env, "CARABINER_TRUSTED_PROXIES");
  const key = rateOf(given(options.ratePerKey, "--rate-per-key", env, "CARABINER_RATE_PER_KEY"));
  const address = rateOf(given(options.ratePerAddress, "--rate-per-address", env, "CARABINER_RATE_PER_ADDRESS"));
  return {
    ...(proxies === null ? {} : { trustedProxies: rangesOf(proxies) }),
    limits: {
      ...(key === null ? {} : { requestsPerSecondPerKey: key.perSecond }),
      ...(key?.burst === undefined ? {} : { requestBurstPerKey: key.burst }),
      ...(address === null ? {} : { requestsPerSecondPerAddress: address.perSecond }),
      ...(address?.burst === undefined ? {} : { requestBurstPerAddress: address.burst }),
    },
  };
}

/** A given text, and its option or variable. */
interface Given {
  text: string;
  by: string;
}

function given(option: string | undefined, flag: string, env: Terminal["env"], variable: string): Given | null {
  if (option !== undefined) return { text: option, by: flag };
  const text = env[variable];
  return text === undefined || text === "" ? null : { text, by: variable };
}

function rangesOf({ text, by }: Given): string[] {
  const ranges = text.split(",").map((range) => range.trim());
  for (const range of ranges)
    if (!isRange(range)) throw usage(`${by}: not an address or a range of them: ${range}`, "10.0.0.0/8,192.0.2.7");
  return ranges;
}

function isRange(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  if (bits === undefined) return true;
  try {
    new BlockList().addSubnet(address, /^\d+$/.test(bits) ? Number(bits) : -1, family === 4 ? "ipv4" : "ipv6");
    return true;
  } catch {
    return false;
  }
}

function rateOf(rate: Given | null): { perSecond: number; burst: number | undefined } | null {
  if (rate === null) return null;
  const [, perSecond, burst] = /^(\d+(?:\.\d+)?)(?::(\d+))?$/.exec(rate.text.trim()) ?? [];
  if (perSecond === undefined || burst === "0") throw usage(`${rate.by}: not a number of requests a second: ${rate.text}`, "25, or 25:100");
  return { perSecond: Number(perSecond), burst: burst === undefined ? undefined : Number(burst) };
}

const usage = (message: string, example: string) =>
  new CommandFailure(message, { advice: `Give it as ${example}.`, exitCode: EXIT_CODES.usage });
