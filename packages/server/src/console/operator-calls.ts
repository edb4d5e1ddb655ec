import { isAbsolute } from "node:path";
import { apiError } from "@carabiner/protocol";
import { type OperatorCall, operatorCall } from "../operations/operator-call.ts";
import { params, text } from "../operations/parameters.ts";
import { operatorAudit } from "./audit.ts";
import { operatorErasures } from "./operator-erasures.ts";
import { operatorKeys } from "./operator-keys.ts";
import { operatorPlatforms } from "./operator-platforms.ts";
import { operatorSecrets } from "./operator-secrets.ts";
import { operatorSystem } from "./operator-system.ts";
import { operators } from "./operators.ts";

const backups = operatorCall({
  method: "POST",
  path: "/operator/backups",
  // This call writes to the server's disk, under any name.
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

/** All calls of the operator. */
export const operatorCalls: readonly OperatorCall[] = [
  ...operatorPlatforms,
  ...operatorErasures,
  ...operatorKeys,
  ...operators,
  backups,
  operatorAudit,
  operatorSecrets,
  operatorSystem,
];
