import type { Sabotage } from "./sabotage.ts";

/** What a platform that acts for an account must not get at. */
export const ACCESS_SABOTAGES: readonly Sabotage[] = [
  {
    name: "console-open-to-connected-platforms",
    does: "a platform that acts for an account reaches its console",
    edits: [
      {
        file: "packages/server/src/operations/operation.ts",
        old: 'return ownKeysOnly === true || path.startsWith("/console/");',
        new: 'return ownKeysOnly === true || path.startsWith("/console//");',
      },
    ],
    tests: ["packages/server/test/resources/access/isolation-acting.test.ts"],
  },
  {
    name: "own-keys-not-asked-for",
    does: "calls that are for an account's own keys are not refused to others",
    edits: [
      {
        file: "packages/server/src/api/refuse-acting.ts",
        old: "account.id !== caller.id && isForOwnKeys(call)",
        new: 'account.id === "" && isForOwnKeys(call)',
      },
    ],
    tests: ["packages/server/test/resources/access/isolation-acting.test.ts"],
  },
];
