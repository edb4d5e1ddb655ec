import type { Sabotage } from "./sabotage.ts";

/** What a platform that acts for an account must not reach. */
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
  {
    name: "restricted-key-unchecked",
    does: "a restricted key may make every call",
    edits: [
      { file: "packages/server/src/api/authenticate.ts", old: "  refuseUnpermitted(request.call ?? null, authentication);\n", new: "" },
    ],
    tests: ["packages/server/test/api/restricted-keys.test.ts"],
  },
  {
    name: "expand-past-permissions",
    does: "a kept answer shows a restricted key what it may not read",
    edits: [
      {
        file: "packages/server/src/api/run-operation.ts",
        old: "if (authentication.permissions !== null) refuseExpanded(",
        new: "if (authentication.permissions === undefined) refuseExpanded(",
      },
    ],
    tests: ["packages/server/test/api/restricted-keys.test.ts"],
  },
  {
    name: "read-only-operator-writes",
    does: "a read-only operator key makes changes",
    edits: [
      {
        file: "packages/server/src/api/run-operator-call.ts",
        old: 'operator.readOnly && call.method !== "GET"',
        new: 'operator.readOnly && call.method === "GET"',
      },
    ],
    tests: ["packages/cli/test/operators.test.ts"],
  },
  {
    name: "operator-key-in-the-clear",
    does: "an operator key is accepted unencrypted",
    edits: [{ file: "packages/server/src/api/run-operator-call.ts", old: "if (!secure) throw", new: "if (key === null) throw" }],
    tests: ["packages/cli/test/operators.test.ts"],
  },
  {
    name: "erased-but-in-free-pages",
    does: "what an erased account leaves in the file stays there",
    edits: [
      {
        file: "packages/server/src/store/sqlite/retention/purge.ts",
        old: "PRAGMA temp_store = FILE; VACUUM;",
        new: "PRAGMA temp_store = FILE;",
      },
    ],
    tests: ["packages/cli/test/erase.test.ts"],
  },
  {
    name: "revoke-the-last-key",
    does: "a key may revoke the only secret key that does not expire",
    edits: [{ file: "packages/server/src/console/keys.ts", old: "evenLast: false", new: "evenLast: true" }],
    tests: ["packages/server/test/console/keys.test.ts"],
  },
  {
    name: "roll-without-end",
    does: "a rolled key stays valid",
    edits: [
      {
        file: "packages/server/src/resources/platforms/manage-keys.ts",
        old: "await tx.setKeyExpiry(old.hash, overlapMs === 0 ? endsAt - limits.clocksApartMs : endsAt);",
        new: "",
      },
    ],
    tests: ["packages/server/test/console/keys.test.ts"],
  },
  {
    name: "keys-of-both-modes",
    does: "a test mode key manages the keys of live mode",
    edits: [
      {
        file: "packages/server/src/resources/platforms/manage-keys.ts",
        old: "filter((key) => key.livemode === livemode)",
        new: "filter((key) => key.livemode === livemode || !livemode)",
      },
    ],
    tests: ["packages/server/test/console/keys.test.ts"],
  },
  {
    name: "customer-of-any-platform",
    does: "a platform makes an account that another created its customer",
    edits: [
      {
        file: "packages/server/src/resources/v2-accounts/with-customer.ts",
        old: "if (state.createdBy !== platform.id) throw refuse(",
        new: "if (state.createdBy === platform.id && row.deleted) throw refuse(",
      },
    ],
    tests: ["packages/server/test/resources/v2-accounts/v2-account-events.test.ts"],
  },
  {
    name: "customer-shown-to-all",
    does: "every platform sees that an account is a customer of the one that created it",
    edits: [
      {
        file: "packages/server/src/resources/connected-account/rendering/account-view.ts",
        old: "creator: created && state.livemode === livemode };",
        new: "creator: created || state.livemode === livemode };",
      },
    ],
    tests: ["packages/server/test/resources/v2-accounts/v2-account-events.test.ts"],
  },
  {
    name: "account-changed-with-its-customer",
    does: "a key that may change customers alone also changes accounts that are customers",
    edits: [
      {
        file: "packages/server/src/resources/customer-calls/customers.ts",
        old: '  context.checkMay({ method: "POST", path: "/v2/core/accounts/:account" });\n',
        new: "",
      },
    ],
    tests: ["packages/server/test/resources/v2-accounts/customer-configuration.test.ts"],
  },
];
