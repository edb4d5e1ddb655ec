import type { PlatformSettings } from "../../contract/platform-settings.ts";
import type { SqlRow } from "../database/connection.ts";
import type { WorkScope } from "../database/scope.ts";

const OF = "SELECT * FROM platform_settings WHERE account_id = ?";
const RETENTIONS = "SELECT * FROM platform_settings WHERE events_kept_ms IS NOT NULL ORDER BY account_id";

/** A platform's own settings; null if it has none. */
export function platformSettings(scope: Pick<WorkScope, "known" | "get">, accountId: string): PlatformSettings | null {
  return scope.known("platform settings", accountId, () => {
    const row = scope.get(OF, accountId);
    return row === undefined ? null : settingsRow(row);
  });
}

/** The settings of all platforms that have their own retention. */
export function retentions(scope: Pick<WorkScope, "all">): PlatformSettings[] {
  return scope.all(RETENTIONS).map(settingsRow);
}

/** Replaces a platform's own settings. */
export function savePlatformSettings(scope: Pick<WorkScope, "run">, settings: PlatformSettings): void {
  const { accountId, eventsKeptMs, endpointWarningMs, endpointFailingMs } = settings;
  const sql =
    "INSERT OR REPLACE INTO platform_settings (account_id, events_kept_ms, endpoint_warning_ms, endpoint_failing_ms) VALUES (?, ?, ?, ?)";
  scope.run(sql, accountId, eventsKeptMs, endpointWarningMs, endpointFailingMs);
}

function settingsRow(row: SqlRow): PlatformSettings {
  return {
    accountId: row.account_id as string,
    eventsKeptMs: row.events_kept_ms as number | null,
    endpointWarningMs: row.endpoint_warning_ms as number | null,
    endpointFailingMs: row.endpoint_failing_ms as number | null,
  };
}
