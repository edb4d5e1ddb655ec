import type { Sabotage } from "./sabotage.ts";

const SERVER = "packages/server/src";
const ISOLATION = ["packages/server/test/resources/access/isolation.test.ts"];

/** What one account, one key or one browser must not reach. */
export const TENANT_SABOTAGES: readonly Sabotage[] = [
  {
    name: "forget-one-account-condition",
    does: "a row that a call names may be another account's",
    edits: [{ file: `${SERVER}/operations/owned-row.ts`, old: "row === null || row.accountId !== account.id)", new: "row === null)" }],
    tests: ISOLATION,
  },
  {
    name: "show-events-of-other-platforms-accounts",
    does: "the console shows a platform an event of an account that is not connected to it",
    edits: [
      {
        file: `${SERVER}/console/events.ts`,
        old: "return mayActFor(await tx.connections(account.id, row.accountId), livemode);",
        new: "return mayActFor([...(await tx.connections(account.id, row.accountId)), { livemode }], livemode);",
      },
    ],
    tests: ["packages/server/test/console/events.test.ts"],
  },
  {
    name: "let-an-ephemeral-key-do-all",
    does: "a key that a customer's device has reaches all that the platform's own key reaches",
    edits: [{ file: `${SERVER}/api/refuse-ephemeral.ts`, old: "if (!inPath && !inParameter)", new: "if (false as boolean)" }],
    tests: ["packages/server/test/resources/tokens/ephemeral-keys.test.ts"],
  },
  {
    name: "expand-what-is-others",
    does: "a platform that acts for an account may expand what belongs to another platform of it",
    edits: [
      {
        file: `${SERVER}/operations/readable-rows.ts`,
        old: "if (caller.id !== account.id) return rows.filter(owned);",
        new: "if (caller.id !== account.id) return rows;",
      },
    ],
    tests: ["packages/server/test/api/expanding.test.ts"],
  },
  {
    name: "expand-after-the-end",
    does: "what a platform may expand outlasts its connection",
    edits: [
      {
        file: `${SERVER}/operations/readable-rows.ts`,
        old: "return rows.filter((row) => owned(row) || mayActFor(connections.get(row.accountId) ?? [], livemode));",
        new: "return rows;",
      },
    ],
    tests: ["packages/server/test/api/expanding.test.ts"],
  },
  {
    name: "copy-a-strangers-card",
    does: "a platform may copy another platform's payment method to an account of its own",
    edits: [
      {
        file: `${SERVER}/resources/customers/payment-methods/clone-payment-method.ts`,
        old: "row.accountId === platform.account.id && ",
        new: "",
      },
    ],
    tests: ["packages/server/test/resources/customers/payment-methods.test.ts"],
  },
  {
    name: "leak-a-foreign-id",
    does: "whoever names another account's object is told that it is there",
    edits: [
      {
        file: `${SERVER}/operations/owned-row.ts`,
        old: 'apiError("resource_missing", { object: name, id, param })',
        new: 'apiError("resource_missing", { object: row === null ? name : "other object", id, param })',
      },
    ],
    tests: ISOLATION,
  },
  {
    name: "mix-the-modes",
    does: "a live key reaches what was made in test mode",
    edits: [{ file: `${SERVER}/operations/owned-row.ts`, old: "if (row.livemode !== livemode)\n", new: "if (false as boolean)\n" }],
    tests: ISOLATION,
  },
  {
    name: "act-for-anybody",
    does: "a platform may act for an account that is not connected to it",
    edits: [
      {
        file: `${SERVER}/api/acting-account.ts`,
        old: "!account.deleted && mayActFor(await reads.connections(caller.id, account.id), livemode)",
        new: "!account.deleted && (mayActFor(await reads.connections(caller.id, account.id), livemode) || true)",
      },
    ],
    tests: ["packages/server/src/api/authenticate.test.ts", ...ISOLATION],
  },
  {
    name: "write-with-a-read-only-connection",
    does: "a platform that may only look may change things",
    edits: [{ file: `${SERVER}/api/refuse-read-only.ts`, old: "(readOnly || !mayActFor(writable, livemode))", new: "readOnly" }],
    tests: ["packages/server/test/pages/oauth/oauth.test.ts", "packages/server/test/resources/resources.test.ts"],
  },
  {
    name: "tell-a-stranger-of-events",
    does: "a Connect endpoint hears of accounts that are not connected to its platform",
    edits: [
      {
        file: `${SERVER}/events/route.ts`,
        old: "connection.platformId === endpoint.accountId && connection.accountId",
        new: "connection.accountId",
      },
    ],
    tests: [`${SERVER}/events/route.test.ts`],
  },
  {
    name: "share-idempotency-keys",
    does: "one account's idempotency key gives another account the answer",
    edits: [{ file: `${SERVER}/api/idempotency.ts`, old: `return \`\${caller.id}/\${account.id}/\${`, new: `return \`\${` }],
    tests: ["packages/server/test/api/idempotency.test.ts", `${SERVER}/api/idempotency.test.ts`],
  },
  {
    name: "ignore-other-parameters",
    does: "an idempotency key that is used again with other parameters is given the first answer",
    edits: [{ file: `${SERVER}/api/idempotency.ts`, old: "if (kept.fingerprint !== wanted)", new: 'if (kept.fingerprint === "")' }],
    tests: [`${SERVER}/http/idempotency-over-http.test.ts`],
  },
  {
    name: "use-a-code-twice",
    does: "an authorization code connects as often as it is sent",
    edits: [
      {
        file: `${SERVER}/resources/connections/authorization-code.ts`,
        old: "usedBy !== null && usedBy === state.usedBy",
        new: "connection !== null",
      },
    ],
    tests: ["packages/server/test/pages/oauth/oauth.test.ts"],
  },
  {
    name: "any-size-of-body",
    does: "a request's body may be as large as its sender likes",
    edits: [{ file: `${SERVER}/http/create-http-server.ts`, old: "bodyLimit: limits.requestBodyBytes", new: "bodyLimit: 2 ** 31" }],
    tests: [`${SERVER}/http/create-http-server.test.ts`],
  },
  {
    name: "search-at-once",
    does: "a search looks through all that an account has in one go, while everyone waits (SQLite)",
    edits: [{ file: `${SERVER}/store/pace.ts`, old: "    if (this.#left === 0) throw new ManyRows();\n", new: "" }],
    tests: [`${SERVER}/store/sqlite/read-between.test.ts`],
  },
  {
    name: "search-out-of-turn",
    does: "whoever searches most has all slices, and others wait for the last of them",
    edits: [
      {
        file: `${SERVER}/store/turns-by-owner.ts`,
        old: "      this.#waiting.delete(owner);\n      if (waiting.length > 0) this.#waiting.set(owner, waiting);\n",
        new: "      if (waiting.length === 0) this.#waiting.delete(owner);\n",
      },
    ],
    tests: [`${SERVER}/store/turns-by-owner.test.ts`, `${SERVER}/store/sqlite/read-between.test.ts`],
  },
];
