import { API_VERSIONS } from "@carabiner/protocol";
import { defaultVersion } from "../api/api-version.ts";
import { hashOf } from "../operations/merge-change.ts";
import { choice, flag, optional, text } from "../operations/parameters.ts";
import { readAccountState } from "../resources/connected-account/state/account-state.ts";
import { clientIds, keepPlatform } from "../resources/platforms/create-platform.ts";
import { platformRefusal } from "../resources/platforms/platform-refusal.ts";
import {
  changedSettings,
  effectsOf,
  type PlatformSettingsGiven,
  platformSettingProperties,
  type SettingLimits,
  settingsAnswer,
} from "../resources/platforms/platform-settings.ts";
import type { AccountRow, AuditAct, JsonObject } from "../store/contract/rows.ts";
import type { Reads, Transaction } from "../store/contract/transaction.ts";

/** The parameters of a change of a platform. */
export const platformProperties = {
  /** Its default version, in both modes, for answers and events that do not name another. */
  api_version: optional(choice(API_VERSIONS)),
  /** The merchant category code of accounts that it creates without one. */
  default_mcc: optional(text(4)),
  name: optional(text(200)),
  ...platformSettingProperties,
  /** Whether to only report the effects of the change, without making it. */
  dry_run: optional(flag()),
} as const;

/** What a call provides. */
interface PlatformGiven extends PlatformSettingsGiven {
  api_version?: (typeof API_VERSIONS)[number];
  default_mcc?: string;
  name?: string;
  dry_run?: boolean;
}

/** Who changes it, and when: see `AuditAct`. */
interface Acting extends Pick<AuditAct, "by" | "from"> {
  now: number;
  limits: SettingLimits;
}

/**
 * Changes a platform, with an entry in the audit log. Returns it with the effects of the change in words. The change
 * takes effect with the commit, on every server of the store. Throws what `platformRefusal` returns and
 * `changedSettings` throws.
 */
export async function updatePlatform(tx: Transaction, row: AccountRow, given: PlatformGiven, acting: Acting): Promise<JsonObject> {
  const { name, default_mcc: defaultMcc, api_version: apiVersion, dry_run: dryRun, ...settings } = given;
  const refusal = platformRefusal({ name, defaultMcc, apiVersion });
  if (refusal !== null) throw refusal;
  const { now, limits, by, from } = acting;
  const before = await tx.platformSettings(row.id);
  const after = changedSettings(before, row.id, settings, limits);
  const effects = await effectsOf(tx, before, after, { now, limits });
  if (dryRun === true) return { ...(await platformAnswer(tx, row, limits)), dry_run: true, effects };
  await keepPlatform(tx, row.id, { name, defaultMcc, apiVersion });
  const { dry_run: _, expand: __, ...changed } = given as PlatformGiven & { expand?: unknown };
  if (Object.values(settings).some((value) => value !== undefined)) await tx.savePlatformSettings(after);
  const detail = Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined)) as JsonObject;
  await tx.insertAudit({ at: now, act: "platform.updated", accountId: row.id, subject: row.id, by, from, detail });
  const then = (await tx.account(row.id)) ?? row;
  return { ...(await platformAnswer(tx, then, limits)), dry_run: false, effects };
}

/** A platform as the operator and the platform itself see it. */
export async function platformAnswer(reads: Reads, row: AccountRow, limits: SettingLimits): Promise<JsonObject> {
  const { country, given } = readAccountState(row.data);
  const application = await reads.application(row.id, true);
  return {
    id: row.id,
    object: "platform",
    api_version: defaultVersion(row.apiVersion),
    client_ids: { ...(await clientIds(reads, row.id)) },
    country,
    created: Math.floor(row.created / 1_000),
    default_mcc: hashOf(given.business_profile).mcc ?? null,
    name: application?.name ?? "",
    settings: settingsAnswer(await reads.platformSettings(row.id), limits),
  };
}
