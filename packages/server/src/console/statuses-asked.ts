import { apiError } from "@carabiner/protocol";

/** The classes of status that a list can be narrowed to. */
export const STATUS_CLASSES = ["2xx", "3xx", "4xx", "5xx"] as const;

/**
 * The statuses that a list asks for, as ranges with both ends included; an empty list for all. Throws
 * `parameters_exclusive` when both parameters are given.
 */
export function statusesAsked({
  status,
  status_class,
}: {
  status?: number;
  status_class?: (typeof STATUS_CLASSES)[number];
}): [number, number][] {
  if (status !== undefined && status_class !== undefined)
    throw apiError("parameters_exclusive", { param: "status", other: "status_class" });
  if (status !== undefined) return [[status, status]];
  if (status_class === undefined) return [];
  const from = Number(status_class[0]) * 100;
  return [[from, from + 99]];
}
