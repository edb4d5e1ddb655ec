import { pathToFileURL } from "node:url";
import { programForTests } from "../scripts/program-for-tests.ts";

/** A node in its own process, for `startChild`. It is bundled, like installed nodes. */
export const NODE_PROGRAM: URL = pathToFileURL(programForTests("faults/node-process.ts"));

/** The program that claims and settles as fast as it can. */
export const CLAIMER_PROGRAM: URL = pathToFileURL(programForTests("faults/claimer.ts"));
