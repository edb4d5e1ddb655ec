import { apiError } from "@carabiner/protocol";
import type { Limits } from "../../limits.ts";
import { eventsKept, eventsKeptLongest } from "../../operations/events-kept.ts";
import { clearableInteger, optional } from "../../operations/parameters.ts";
import type { PlatformSettings } from "../../store/contract/platform-settings.ts";
import type { EndpointRow, JsonObject } from "../../store/contract/rows.ts";
import type { Reads } from "../../store/contract/transaction.ts";
import { allEndpoints } from "../webhook-endpoints/all-endpoints.ts";
import { rulesOf } from "../webhook-endpoints/rules-of-owner.ts";

/** The limits that a platform's settings replace. */
export type SettingLimits = Pick<
  Limits,
  | "eventsKeptMs"
  | "eventsKeptLongestMs"
  | "endpointWarningMs"
  | "endpointFailingMs"
  | "platformSettingShortestMs"
  | "endpointRuleLongestMs"
  | "listItems"
>;

/** A platform's own settings; the empty string resets one to the server's limit. In seconds. */
export const platformSettingProperties = {
  /** How long its events are kept, and those of the accounts that it created. */
  events_kept_seconds: optional(clearableInteger(0)),
  /** How long an endpoint may fail before the platform is warned. */
  endpoint_warning_seconds: optional(clearableInteger(0)),
  /** How long an endpoint may fail before it is disabled; 0 means never. */
  endpoint_disable_seconds: optional(clearableInteger(0)),
} as const;

/** The settings that a call changes. */
export interface PlatformSettingsGiven {
  events_kept_seconds?: number | null;
  endpoint_warning_seconds?: number | null;
  endpoint_disable_seconds?: number | null;
}

/** The settings after a call's changes. Throws `parameter_out_of_range`. Pure. */
export function changedSettings(
  before: PlatformSettings | null,
  accountId: string,
  given: PlatformSettingsGiven,
  limits: SettingLimits,
): PlatformSettings {
  const after: PlatformSettings = {
    accountId,
    eventsKeptMs: milliseconds(given.events_kept_seconds, before?.eventsKeptMs),
    endpointWarningMs: milliseconds(given.endpoint_warning_seconds, before?.endpointWarningMs),
    endpointFailingMs: milliseconds(given.endpoint_disable_seconds, before?.endpointFailingMs),
  };
  const shortest = limits.platformSettingShortestMs;
  checkWithin("events_kept_seconds", given.events_kept_seconds, shortest, eventsKeptLongest(limits));
  checkWithin("endpoint_warning_seconds", given.endpoint_warning_seconds, shortest, limits.endpointRuleLongestMs);
  // 0 means never.
  if (given.endpoint_disable_seconds !== 0)
    checkWithin("endpoint_disable_seconds", given.endpoint_disable_seconds, shortest, limits.endpointRuleLongestMs);
  // A warning that comes at the time of disabling, or later, has no purpose.
  const { warningMs, failingMs } = rulesOf(after, limits);
  if (warningMs >= failingMs && (given.endpoint_warning_seconds !== undefined || given.endpoint_disable_seconds !== undefined))
    throw apiError("parameter_out_of_range", { param: "endpoint_warning_seconds", min: shortest / 1_000, max: failingMs / 1_000 - 1 });
  return after;
}

/** Throws `parameter_out_of_range` for a value in seconds that is not between two times in milliseconds. */
function checkWithin(param: string, value: number | null | undefined, minMs: number, maxMs: number): void {
  const [min, max] = [minMs / 1_000, maxMs / 1_000];
  if (typeof value === "number" && (value < min || value > max)) throw apiError("parameter_out_of_range", { param, min, max });
}

/** Settings as answers show them: the values in force, and which of them are the platform's own. */
export function settingsAnswer(own: PlatformSettings | null, limits: SettingLimits): JsonObject {
  const { warningMs, failingMs } = rulesOf(own, limits);
  return {
    events_kept_seconds: eventsKept(limits, own) / 1_000,
    events_kept_longest_seconds: eventsKeptLongest(limits) / 1_000,
    endpoint_warning_seconds: warningMs / 1_000,
    endpoint_disable_seconds: Number.isFinite(failingMs) ? failingMs / 1_000 : 0,
    own: [
      ...(own?.eventsKeptMs == null ? [] : ["events_kept_seconds"]),
      ...(own?.endpointWarningMs == null ? [] : ["endpoint_warning_seconds"]),
      ...(own?.endpointFailingMs == null ? [] : ["endpoint_disable_seconds"]),
    ],
  };
}

/** The near effects of a change of settings, in words. */
export async function effectsOf(
  reads: Pick<Reads, "endpoints">,
  before: PlatformSettings | null,
  after: PlatformSettings,
  { now, limits }: { now: number; limits: SettingLimits },
): Promise<string[]> {
  const effects: string[] = [];
  const [kept, willKeep] = [eventsKept(limits, before), eventsKept(limits, after)];
  if (willKeep < kept)
    effects.push(`Events that are older than ${inWords(willKeep)} are no longer shown from now on, and the next sweep deletes them.`);
  if (willKeep > kept) effects.push(`Events are kept for ${inWords(willKeep)}. Those that were deleted stay deleted.`);
  const [was, rules] = [rulesOf(before, limits), rulesOf(after, limits)];
  if (was.failingMs === rules.failingMs && was.warningMs === rules.warningMs) return effects;
  effects.push(
    Number.isFinite(rules.failingMs)
      ? `An endpoint that fails is warned of after ${inWords(rules.warningMs)}, and disabled after ${inWords(rules.failingMs)}.`
      : `An endpoint that fails is warned of after ${inWords(rules.warningMs)}, and never disabled.`,
  );
  for (const { id, firstFailureAt } of await failing(reads, after.accountId, limits)) {
    const failsFor = now - firstFailureAt;
    if (failsFor >= rules.failingMs) effects.push(`${id} has failed for ${inWords(failsFor)}: its next failure disables it.`);
    else if (failsFor >= rules.warningMs && failsFor < was.warningMs)
      effects.push(`${id} has failed for ${inWords(failsFor)}: its next failure brings the warning.`);
  }
  return effects;
}

/** The failing endpoints of a platform, in both modes. */
async function failing(
  reads: Pick<Reads, "endpoints">,
  accountId: string,
  { listItems }: SettingLimits,
): Promise<{ id: string; firstFailureAt: number }[]> {
  const found: EndpointRow[] = [];
  for (const livemode of [false, true]) found.push(...(await allEndpoints(reads, { accountId, livemode }, listItems)));
  return found.flatMap(({ id, status, firstFailureAt }) =>
    status === "enabled" && firstFailureAt !== null ? [{ id, firstFailureAt }] : [],
  );
}

/** The given seconds in milliseconds; the previous value if nothing is given. */
function milliseconds(given: number | null | undefined, before: number | null | undefined): number | null {
  if (given === undefined) return before ?? null;
  return given === null ? null : given * 1_000;
}

/** A time in days, or in hours when it is shorter than two days. */
function inWords(ms: number): string {
  const [count, unit] = ms >= 2 * 86_400_000 ? [Math.floor(ms / 86_400_000), "day"] : [Math.floor(ms / 3_600_000), "hour"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
