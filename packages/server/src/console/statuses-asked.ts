import { apiError } from "@carabiner/protocol";

/** The classes of status that a list can be narrowed to. */
export const STATUS_CLASSES = ["2xx", "3xx", "4xx", "5xx"] as const;

/**
 * The statuses that a list asks for, each from the first to the last; none for all. Throws `parameters_exclusive` for
 * both parameters.
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
