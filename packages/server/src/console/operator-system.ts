import { type OperatorCall, operatorCall } from "../operations/operator-call.ts";
import { packageVersion } from "../operations/package-version.ts";
import { params } from "../operations/parameters.ts";
import { seconds } from "../operations/time-range.ts";
import type { Json } from "../store/contract/rows.ts";

/** The state of the whole server, for its operator. Times are Unix seconds, sizes bytes. */
export const operatorSystem: OperatorCall = operatorCall({
  method: "GET",
  path: "/operator/system",
  params: params({}),
  run: ({ store, now, limits }) =>
    store.read(async (reads) => {
      const { engine, version, schema, bytes, freeBytes, logBytes, tables, nodes } = await reads.storage();
      const backlog = await reads.backlog(now, limits.waitingCounted);
      return {
        object: "system",
        version: packageVersion(),
        now: seconds(now),
        store: { engine, version, schema },
        disk: { bytes, free_bytes: freeBytes, log_bytes: logBytes, tables },
        nodes: nodes.map(({ name, seenAt }) => ({ name, seen_at: seconds(seenAt) })),
        deliveries: {
          due: backlog.due,
          more_due: backlog.due >= limits.waitingCounted,
          oldest_due_at: backlog.oldestDueAt === null ? null : seconds(backlog.oldestDueAt),
          quarantined: await reads.countQuarantined(),
        },
        endpoints: { failing: backlog.failingEndpoints, disabled: backlog.disabledEndpoints },
        limits: { ...limits } as Record<string, Json> as { [name: string]: Json },
      };
    }),
});
