import type { Row } from "../row.ts";
import { clockJump } from "./clock-jump.ts";
import { databaseCrash } from "./database-crash.ts";
import { databaseStopped } from "./database-stopped.ts";
import { doubleClaim } from "./double-claim.ts";
import { killDuringDelivery } from "./kill-during-delivery.ts";
import { killInWrite } from "./kill-in-write.ts";
import { partition } from "./partition.ts";
import { pausedWorker } from "./paused-worker.ts";
import { rollingRestart } from "./rolling-restart.ts";
import { sameKey } from "./same-key.ts";
import { upgrade } from "./upgrade.ts";

/** Every fault that is tried on real processes. */
export const ROWS: readonly Row[] = [
  killDuringDelivery,
  killInWrite,
  databaseCrash,
  databaseStopped,
  pausedWorker,
  doubleClaim,
  partition,
  clockJump,
  rollingRestart,
  upgrade,
  sameKey,
];
