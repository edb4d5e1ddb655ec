import { parentPort, workerData } from "node:worker_threads";
import { type CopyContents, inspectCopy, settleCopy } from "./store/sqlite/schema/inspect-copy.ts";
import { UnfitDatabase } from "./store/store.ts";

/** What a copy contains, or why it is not a backup. */
export type CopyVerdict = { contents: CopyContents } | { fault: string };

/** Makes a copy one file and checks it. This reads the whole file, so it runs in a separate thread. */
function verdictOn(file: string): CopyVerdict {
  try {
    settleCopy(file);
    return { contents: inspectCopy(file) };
  } catch (error) {
    if (error instanceof UnfitDatabase || (error as NodeJS.ErrnoException).code === "ERR_SQLITE_ERROR")
      return { fault: (error as Error).message };
    throw error;
  }
}

parentPort?.postMessage(verdictOn((workerData as { file: string }).file));
