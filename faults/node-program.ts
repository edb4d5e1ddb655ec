import { pathToFileURL } from "node:url";
import { programForTests } from "../scripts/program-for-tests.ts";

/** A node in a process of its own, as `startChild` starts it. Bundled, as nodes that are installed are. */
export const NODE_PROGRAM: URL = pathToFileURL(programForTests("faults/node-process.ts"));

/** What claims and settles as fast as it can. */
export const CLAIMER_PROGRAM: URL = pathToFileURL(programForTests("faults/claimer.ts"));
