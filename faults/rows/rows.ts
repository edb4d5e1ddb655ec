import type { Row } from "../row.ts";
import { answerLost } from "./answer-lost.ts";
import { apiAbuse } from "./api-abuse.ts";
import { canaries } from "./canaries.ts";
import { clockJump } from "./clock-jump.ts";
import { connectionFaults } from "./connection-faults.ts";
import { databaseCrash } from "./database-crash.ts";
import { databaseStopped } from "./database-stopped.ts";
import { diskFailing } from "./disk-failing.ts";
import { diskFull } from "./disk-full.ts";
import { doubleClaim } from "./double-claim.ts";
import { forbiddenAddresses } from "./forbidden-addresses.ts";
import { herd } from "./herd.ts";
import { hostileAnswers } from "./hostile-answers.ts";
import { killDuringDelivery } from "./kill-during-delivery.ts";
import { killInWrite } from "./kill-in-write.ts";
import { partition } from "./partition.ts";
import { pausedWorker } from "./paused-worker.ts";
import { poisonEndpoints } from "./poison-endpoints.ts";
import { redirects } from "./redirects.ts";
import { restore } from "./restore.ts";
import { rollingRestart } from "./rolling-restart.ts";
import { sameKey } from "./same-key.ts";
import { slowReceivers } from "./slow-receivers.ts";
import { tenantIsolation } from "./tenant-isolation.ts";
import { upgrade } from "./upgrade.ts";

/** Every fault that is tested on real processes. */
export const ROWS: readonly Row[] = [
  killDuringDelivery,
  killInWrite,
  databaseCrash,
  databaseStopped,
  diskFailing,
  diskFull,
  pausedWorker,
  doubleClaim,
  partition,
  clockJump,
  herd,
  poisonEndpoints,
  slowReceivers,
  hostileAnswers,
  redirects,
  forbiddenAddresses,
  connectionFaults,
  answerLost,
  rollingRestart,
  upgrade,
  restore,
  sameKey,
  apiAbuse,
  tenantIsolation,
  canaries,
];
