import type { CarabinerOptions, Limits } from "@carabiner/server";
import { startFailure } from "../start-failure.ts";
import { type Finding, fine } from "./finding.ts";

/**
 * Checks the rules of the egress, and connects to each of `urls` as a delivery would, without sending anything.
 * `monotonic` returns milliseconds of a clock that never goes back.
 */
export async function checkEgress(
  options: Pick<CarabinerOptions, "egress" | "allowLocalEndpoints">,
  urls: readonly string[],
  limits: Limits,
  monotonic: () => number,
): Promise<Finding[]> {
  const { checkEgress: check, reachUrl } = await import("@carabiner/server");
  const { egress = {}, allowLocalEndpoints = false } = options;
  try {
    check({ ...egress, allowLocal: allowLocalEndpoints });
  } catch (error) {
    const failure = startFailure(error, { command: "serve", host: "", port: 0, database: null });
    if (failure === null) throw error;
    return [{ check: "egress", status: "failed", found: failure.message, advice: null }];
  }
  const rules = rulesFinding(options);
  const reached = await Promise.all(
    urls.map(async (url): Promise<Finding> => {
      const fault = await reachUrl(url, { egress, allowLocalEndpoints }, limits, monotonic);
      if (fault === null) return fine("egress", `${url} can be reached`);
      return {
        check: "egress",
        status: "failed",
        found: `${url}: ${fault}`,
        advice: "docs/egress.md says which addresses, names and ports are allowed.",
      };
    }),
  );
  return [rules, ...reached];
}

function rulesFinding({ egress, allowLocalEndpoints }: Pick<CarabinerOptions, "egress" | "allowLocalEndpoints">): Finding {
  const { allowedRanges = [], proxy } = egress ?? {};
  const through = proxy === undefined ? "" : ", through a proxy";
  if (allowLocalEndpoints === true)
    return {
      check: "egress",
      status: "warning",
      found: `deliveries may go to every private address and to this machine${through}`,
      advice: "Allow only the ranges that receivers are in: --allow-network CIDR.",
    };
  return fine(
    "egress",
    `deliveries may go to public addresses${allowedRanges.length === 0 ? "" : ` and to ${allowedRanges.join(", ")}`}${through}`,
  );
}
