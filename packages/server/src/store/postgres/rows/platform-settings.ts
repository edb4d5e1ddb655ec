import type { PlatformSettings } from "../../contract/platform-settings.ts";
import type { Session, SqlRow } from "../database/session.ts";

const OF = "SELECT * FROM platform_settings WHERE account_id = ANY($1::text[])";
const RETENTIONS = "SELECT * FROM platform_settings WHERE events_kept_ms IS NOT NULL ORDER BY account_id";
const SAVE = `
  INSERT INTO platform_settings (account_id, events_kept_ms, endpoint_warning_ms, endpoint_failing_ms) VALUES ($1, $2, $3, $4)
  ON CONFLICT (account_id) DO UPDATE SET events_kept_ms = excluded.events_kept_ms,
    endpoint_warning_ms = excluded.endpoint_warning_ms, endpoint_failing_ms = excluded.endpoint_failing_ms`;

/** Platforms' own settings, by account; platforms without settings are left out. */
export async function platformSettings(session: Session, accountIds: readonly string[]): Promise<Map<string, PlatformSettings>> {
  const rows = (await session.all(OF, accountIds)).map(settingsRow);
  return new Map(rows.map((row) => [row.accountId, row]));
}

/** The settings of all platforms that have their own retention. */
export async function retentions(session: Session): Promise<PlatformSettings[]> {
  return (await session.all(RETENTIONS)).map(settingsRow);
}

/** Replaces a platform's own settings. */
export async function savePlatformSettings(session: Session, settings: PlatformSettings): Promise<void> {
  const { accountId, eventsKeptMs, endpointWarningMs, endpointFailingMs } = settings;
  await session.run(SAVE, accountId, eventsKeptMs, endpointWarningMs, endpointFailingMs);
}

function settingsRow(row: SqlRow): PlatformSettings {
  return {
    accountId: row.account_id as string,
    eventsKeptMs: row.events_kept_ms as number | null,
    endpointWarningMs: row.endpoint_warning_ms as number | null,
    endpointFailingMs: row.endpoint_failing_ms as number | null,
  };
}
