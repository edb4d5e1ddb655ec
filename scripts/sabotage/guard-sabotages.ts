import type { Sabotage } from "./sabotage.ts";

const SERVER = "packages/server/src";

/** Guards that no test noticed the loss of, until they were tested one by one. */
export const GUARD_SABOTAGES: readonly Sabotage[] = [
  {
    name: "empty-account-ignored",
    does: "a request with an empty Stripe-Account is the platform's own",
    edits: [
      {
        file: `${SERVER}/api/acting-account.ts`,
        old: 'const account = header === "" ? null : await',
        new: 'if (header === "") return caller;\n  const account = await',
      },
    ],
    tests: [`${SERVER}/api/authenticate.test.ts`],
  },
  {
    name: "no-permissions-for-all",
    does: "a restricted key of which no permissions are kept may make every call",
    edits: [{ file: `${SERVER}/api/authenticate.ts`, old: "row.permissions ?? { direct: [], connect: [] }", new: "row.permissions" }],
    tests: [`${SERVER}/api/authenticate.test.ts`],
  },
  {
    name: "one-turn-for-all-addresses",
    does: "visitors of all addresses share one turn, so that one who asks much delays the others",
    edits: [{ file: `${SERVER}/api/authenticate.ts`, old: `return \`address \${address}\`;`, new: "return `address`;" }],
    tests: [`${SERVER}/api/authenticate.test.ts`],
  },
  {
    name: "operate-a-deleted-platform",
    does: "an operator acts for a platform that was deleted",
    edits: [{ file: `${SERVER}/api/session-credential.ts`, old: "row === null || row.deleted || (await", new: "row === null || (await" }],
    tests: [`${SERVER}/api/session-credential.test.ts`],
  },
  {
    name: "keep-failures-of-v2",
    does: "a request of the v2 API that failed is not run again with its idempotency key",
    edits: [
      {
        file: `${SERVER}/api/run-operation.ts`,
        old: "answer.status !== 503 && !isV2(operation.path)",
        new: "answer.status !== 503",
      },
    ],
    tests: ["packages/server/test/api/v2-requests.test.ts"],
  },
  {
    name: "listen-to-the-other-mode",
    does: "a live listener of the official CLI hears test events",
    edits: [{ file: `${SERVER}/events/route.ts`, old: "  if (event.livemode !== endpoint.livemode) return null;\n", new: "" }],
    tests: [`${SERVER}/events/route.test.ts`],
  },
  {
    name: "any-port",
    does: "deliveries go to ports that are refused",
    edits: [{ file: `${SERVER}/destinations.ts`, old: "!refusedPorts.includes(port) && (", new: "(" }],
    tests: [`${SERVER}/destinations.test.ts`],
  },
  {
    name: "suspects-of-a-lost-lease",
    does: "a suspect is sent although another server may have taken it over",
    edits: [
      {
        file: `${SERVER}/deliveries/careful-round.ts`,
        old: "if (!noted || !options.leasesHold(claim.leaseUntil - limits.leaseMs))",
        new: "if (!noted)",
      },
    ],
    tests: ["packages/server/test/deliveries/careful-round.test.ts"],
  },
  {
    name: "forget-the-longer-wish",
    does: "an endpoint that asks for a shorter rest ends the longer one that it asked for before",
    edits: [
      {
        file: `${SERVER}/deliveries/endpoint-record.ts`,
        old: "Math.max(this.#leftAloneUntil, now + holdMs)",
        new: "now + holdMs",
      },
    ],
    tests: [`${SERVER}/deliveries/endpoint-record.test.ts`],
  },
  {
    name: "pay-the-deleted",
    does: "an account that was deleted is paid out by its schedule",
    edits: [
      {
        file: `${SERVER}/resources/payouts/automatic-payouts.ts`,
        old: "if (account === null || account.deleted) return;",
        new: "if (account === null) return;",
      },
    ],
    tests: ["packages/server/test/resources/payouts/payout-guards.test.ts"],
  },
  {
    name: "reverse-for-a-standard-account",
    does: "a platform reverses a payout of a Standard account",
    edits: [
      {
        file: `${SERVER}/resources/payouts/reverse-payout.ts`,
        old: "  refuseForStandardAccount(context, world.state);\n",
        new: "",
      },
    ],
    tests: ["packages/server/test/resources/payouts/payout-guards.test.ts"],
  },
  {
    name: "show-bank-accounts-to-all",
    does: "a platform sees the bank accounts of an account that it neither made nor controls",
    edits: [
      {
        file: `${SERVER}/resources/external-accounts/external-accounts.ts`,
        old: "if (!view.full) throw",
        new: "if (view.full === undefined) throw",
      },
    ],
    tests: ["packages/server/test/resources/external-accounts/not-shown.test.ts"],
  },
  {
    name: "roll-beyond-the-end",
    does: "a key that would end soon is valid for as long as it may overlap with the one it is rolled to",
    edits: [
      {
        file: `${SERVER}/resources/platforms/manage-keys.ts`,
        old: "Math.min(old.expiresAt ?? Number.POSITIVE_INFINITY, now + overlapMs)",
        new: "now + overlapMs",
      },
    ],
    tests: ["packages/server/test/console/keys.test.ts"],
  },
  {
    name: "migrate-side-by-side",
    does: "nodes that start at once on a new database do not take turns (PostgreSQL)",
    edits: [
      {
        file: `${SERVER}/store/postgres/schema/migrate.ts`,
        old: '    await client.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);\n',
        new: "",
      },
    ],
    tests: [`${SERVER}/store/postgres/schema/migrations.test.ts`],
  },
  {
    name: "restore-over-a-log",
    does: "a backup is restored beside the log of another database, which SQLite then takes for its own",
    edits: [{ file: `${SERVER}/restore-backup.ts`, old: `[to, \`\${to}-wal\`, \`\${to}-journal\`, underWayFileOf(to)]`, new: "[to]" }],
    tests: [`${SERVER}/restore-backup.test.ts`],
  },
  {
    name: "believe-a-misrouted-leaving",
    does: "the receiver takes an account for gone by an event that came to the wrong endpoint",
    edits: [
      {
        file: "packages/receiver/src/intake.ts",
        old: "connection: held ? null : connectionChange(event)",
        new: "connection: connectionChange(event)",
      },
    ],
    tests: ["packages/receiver/test/acceptance/acceptance.test.ts"],
  },
];
