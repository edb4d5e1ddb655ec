import type { LimitName } from "@carabiner/server/limits";
import { InvalidArgumentError } from "commander";

/**
 * Makes a parser of rates: `25` a second sustained, or `25:100` with the size of a burst. The parser returns the limits
 * with these names. It throws `InvalidArgumentError`.
 */
export function rateParser(perSecond: LimitName, burst: LimitName): (text: string) => Partial<Record<LimitName, number>> {
  return (text) => {
    const [, rate, atOnce] = /^(\d+(?:\.\d+)?)(?::(\d+))?$/.exec(text.trim()) ?? [];
    if (rate === undefined || atOnce === "0") throw new InvalidArgumentError("It must be a number a second, such as 25, or 25:100.");
    return { [perSecond]: Number(rate), ...(atOnce === undefined ? {} : { [burst]: Number(atOnce) }) };
  };
}
