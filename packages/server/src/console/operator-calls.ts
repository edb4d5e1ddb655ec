import { isAbsolute } from "node:path";
import { apiError } from "@carabiner/protocol";
import { type OperatorCall, operatorCall } from "../operations/operator-call.ts";
import { pageAsked } from "../operations/page-asked.ts";
import { listAnswer, optional, pageProperties, params, text, timestamp } from "../operations/parameters.ts";
import { timeRange } from "../operations/time-range.ts";
import type { Page } from "../store/contract/transaction.ts";
import { operatorErasures } from "./operator-erasures.ts";
import { operatorKeys } from "./operator-keys.ts";
import { operatorPlatforms } from "./operator-platforms.ts";
import { operatorSystem } from "./operator-system.ts";
import { operators } from "./operators.ts";

const backups = operatorCall({
  method: "POST",
  path: "/operator/backups",
  // It writes to the server's disk, under any name.
  localOnly: true,
  params: params({
    /** The absolute path of the file to write, on the server's machine. It must not exist. */
    file: text(4_096),
  }),
  async run({ store, by, from, now, keysFrom, backUp }, { file }) {
    if (!isAbsolute(file)) throw apiError("path_relative", { param: "file" });
    const { keys, ...contents } = await backUp(file);
    const detail = { bytes: contents.bytes };
    await store.transaction((tx) => tx.insertAudit({ at: now, act: "backup.created", accountId: null, subject: file, by, from, detail }));
    return { object: "backup", file, taken_at: Math.floor(now / 1_000), ...contents, sealed_with: { keys, from: keysFrom } };
  },
});

/** How an entry's number shows as its id. */
const AUDIT_ID = /^audit_(\d{1,15})$/;

const audit = operatorCall({
  method: "GET",
  path: "/operator/audit",
  params: params({ ...pageProperties, account: optional(text(64)), since: optional(timestamp()), until: optional(timestamp()) }),
  run: ({ store, limits }, { account, since, until, ...given }) =>
    store.read(async (reads) => {
      const asked = await pageAsked(given, limits, { name: "audit entry", knows: async (id) => AUDIT_ID.test(id) });
      const numbers = Object.entries(asked).map(([name, value]) => [name, typeof value === "string" ? AUDIT_ID.exec(value)?.[1] : value]);
      const { rows, hasMore } = await reads.audit(
        {
          ...(account === undefined ? {} : { accountId: account }),
          at: timeRange({ ...(since === undefined ? {} : { gte: since }), ...(until === undefined ? {} : { lte: until }) }),
        },
        Object.fromEntries(numbers) as Page,
      );
      const data = rows.map(({ id, at, act, accountId, subject, by, from, detail }) => ({
        id: `audit_${id}`,
        object: "audit_entry",
        account: accountId,
        act,
        by,
        created: Math.floor(at / 1_000),
        detail,
        from,
        subject,
      }));
      return listAnswer("/operator/audit", data, hasMore);
    }),
});

/** All calls of the operator. */
export const operatorCalls: readonly OperatorCall[] = [
  ...operatorPlatforms,
  ...operatorErasures,
  ...operatorKeys,
  ...operators,
  backups,
  audit,
  operatorSystem,
];
