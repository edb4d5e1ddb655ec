import { isAbsolute } from "node:path";
import { apiError } from "@carabiner/protocol";
import { type OperatorCall, operatorCall } from "../operations/operator-call.ts";
import { params, text } from "../operations/parameters.ts";
import { operatorKeys } from "./operator-keys.ts";
import { operatorPlatforms } from "./operator-platforms.ts";

const backups = operatorCall({
  method: "POST",
  path: "/operator/backups",
  params: params({
    /** The absolute path of the file to write, on the server's machine. It must not exist. */
    file: text(4_096),
  }),
  async run({ now, keysFrom, backUp }, { file }) {
    if (!isAbsolute(file)) throw apiError("path_relative", { param: "file" });
    const { keys, ...contents } = await backUp(file);
    return { object: "backup", file, taken_at: Math.floor(now / 1_000), ...contents, sealed_with: { keys, from: keysFrom } };
  },
});

/** All calls of the operator. */
export const operatorCalls: readonly OperatorCall[] = [...operatorPlatforms, ...operatorKeys, backups];
