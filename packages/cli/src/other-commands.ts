import { registerAccounts } from "./commands/accounts.ts";
import { registerAudit } from "./commands/audit.ts";
import { registerBackup } from "./commands/backup.ts";
import { registerClock } from "./commands/clock.ts";
import { registerCompletion } from "./commands/completion.ts";
import { registerConfig } from "./commands/config.ts";
import { registerDeliveries } from "./commands/deliveries.ts";
import { registerDoctor } from "./commands/doctor.ts";
import { registerEndpoints } from "./commands/endpoints.ts";
import { registerEvents } from "./commands/events.ts";
import { registerInbox } from "./commands/inbox.ts";
import { registerKeys } from "./commands/keys.ts";
import { registerListen } from "./commands/listen.ts";
import { registerOperators } from "./commands/operators.ts";
import { registerPlatforms } from "./commands/platforms.ts";
import { registerRequests } from "./commands/requests.ts";
import { registerResendJobs } from "./commands/resend-jobs.ts";
import { registerSecrets } from "./commands/secrets.ts";
import { registerSystem } from "./commands/system.ts";
import { registerTrigger } from "./commands/trigger.ts";

/**
 * The functions that add the commands that start no server. A server does not load them: they would take a twentieth of
 * its start.
 */
export const OTHER_COMMANDS = {
  registerConfig,
  registerDoctor,
  registerAccounts,
  registerEvents,
  registerTrigger,
  registerEndpoints,
  registerDeliveries,
  registerResendJobs,
  registerRequests,
  registerListen,
  registerClock,
  registerPlatforms,
  registerKeys,
  registerOperators,
  registerSecrets,
  registerBackup,
  registerAudit,
  registerSystem,
  registerInbox,
  registerCompletion,
};
