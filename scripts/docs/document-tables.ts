import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  API_ERRORS,
  APPLICATION_TYPES,
  ENDPOINT_EVENT_TYPES,
  type EndpointEventType,
  EVENT_TYPES,
  OAUTH_ERRORS,
  objectClassOf,
  SELECTION_REQUIRED_TYPES,
  UNLISTED_EVENT_TYPES,
} from "../../packages/protocol/src/index.ts";
import { permissionsOfCall } from "../../packages/server/src/api/permissions-of-calls.ts";
import { clockProcedures } from "../../packages/server/src/console/clock.ts";
import { consoleResources } from "../../packages/server/src/console/console-resources.ts";
import { platforms } from "../../packages/server/src/console/platforms.ts";
import { STREAM_ROUTES } from "../../packages/server/src/dashboard/live/stream-route.ts";
import { SESSION_ROUTES } from "../../packages/server/src/dashboard/session-routes.ts";
import { LAST_ATTEMPT_MS, LIVE_DELAYS_MS, TEST_DELAYS_MS } from "../../packages/server/src/deliveries/policy.ts";
import { RETRY_POLICIES } from "../../packages/server/src/deliveries/retry-policies.ts";
import { RECORDED_TYPES } from "../../packages/server/src/events/recorded-types.ts";
import { DEFAULT_LIMITS } from "../../packages/server/src/limits.ts";
import { isForOwnKeys, type Operation } from "../../packages/server/src/operations/operation.ts";
import { pageRoutes } from "../../packages/server/src/pages/pages.ts";
import { UPLOADED } from "../../packages/server/src/resources/files/purposes.ts";
import { PAYOUT_FAILURE_CODES, PAYOUT_FAILURES } from "../../packages/server/src/resources/payouts/payout-failures.ts";
import { PAYOUT_ARROWS, PAYOUT_STATUSES } from "../../packages/server/src/resources/payouts/payout-state.ts";
import { PAYOUT_TIMES } from "../../packages/server/src/resources/payouts/payout-timing.ts";
import { resources } from "../../packages/server/src/resources/resources.ts";
import { listenSessions } from "../../packages/server/src/resources/stripe-cli/listen-sessions.ts";
import { COUNTERS, GAUGES, HISTOGRAMS, type MetricDefinition } from "../../packages/server/src/service/metric-definitions.ts";
import { SEALED, type SealedField } from "../../packages/server/src/store/sealed-fields.ts";
import { PUBLISHED_PACKAGES } from "../published-packages.ts";
import { triggerTables } from "../triggers/trigger-outcomes.ts";
import { externalAccountTables } from "./external-account-tables.ts";
import { floorTables } from "./floor-tables.ts";
import { limitRows } from "./limit-rows.ts";
import { logTable } from "./log-codes.ts";
import { operationTables } from "./operation-tables.ts";
import { operatorTables } from "./operator-tables.ts";
import { OUTCOME_MEANINGS } from "./outcome-meanings.ts";
import { paymentCardTables } from "./payment-card-tables.ts";
import { receiverTables } from "./receiver-tables.ts";
import { requirementTables } from "./requirement-tables.ts";
import { settingTables } from "./setting-tables.ts";
import { stripeCliTables } from "./stripe-cli-tables.ts";
import type { DocumentTable } from "./table.ts";
import { unionMembers } from "./union-members.ts";
import { v2AccountTables } from "./v2-account-tables.ts";

const code = (text: string | number): string => `\`${text}\``;

/** Every table in the documents that is generated from the code. `root` is the repository's root. */
export function documentTables(root: string): DocumentTable[] {
  const source = (path: string): string => readFileSync(join(root, path), "utf8");
  const recorded: ReadonlySet<string> = new Set(RECORDED_TYPES);
  return [
    ...floorTables(),
    ...v2AccountTables(),
    ...operatorTables(),
    {
      file: "docs/installing.md",
      name: "packages",
      heads: ["Package", "Packed, at most", "Unpacked, at most", "Dependencies, at most", "Packages that npm installs with it, at most"],
      rows: PUBLISHED_PACKAGES.map(({ name, most }) => [
        code(name),
        `${most.packedKB.toLocaleString("en")} kB`,
        `${most.unpackedKB.toLocaleString("en")} kB`,
        `${most.dependencies}`,
        `${most.installed}`,
      ]),
    },
    {
      file: "docs/errors.md",
      name: "errors",
      heads: ["Name", "Status", "Type", "Code", "Message"],
      rows: Object.entries(API_ERRORS).map(([name, error]) => [
        code(name),
        `${error.status}`,
        code(error.type),
        "code" in error ? code(error.code) : "",
        error.message,
      ]),
    },
    {
      file: "docs/errors.md",
      name: "oauth errors",
      heads: ["Name", "Status", "`error`", "`error_description`"],
      rows: Object.entries(OAUTH_ERRORS).map(([name, { status, error, description }]) => [
        code(name),
        `${status}`,
        code(error),
        description,
      ]),
    },
    {
      file: "docs/operating.md",
      name: "metrics",
      heads: ["Metric", "Kind", "Labels", "What it tells"],
      rows: [...metricRows(COUNTERS, "counter"), ...metricRows(HISTOGRAMS, "histogram"), ...metricRows(GAUGES, "gauge")],
    },
    {
      file: "docs/events.md",
      name: "events",
      heads: ["Type", "`data.object`", "Recorded by the server", "Note"],
      rows: EVENT_TYPES.map((type) => [code(type), objectClassOf(type), recorded.has(type) ? "yes" : "", noteOf(type)]),
    },
    {
      file: "docs/events.md",
      name: "unlisted events",
      heads: ["Of", "Types"],
      rows: [...Map.groupBy(UNLISTED_EVENT_TYPES, (type) => type.split(".")[0] ?? type)].map(([first, types]) => [
        first,
        types.map(code).join(", "),
      ]),
    },
    {
      file: "docs/events.md",
      name: "endpoint events",
      heads: ["Type", "When"],
      rows: ENDPOINT_EVENT_TYPES.map((type) => [code(type), ENDPOINT_EVENT_MEANINGS[type]]),
    },
    ...settingTables(),
    logTable,
    {
      file: "docs/configuration.md",
      name: "limits",
      heads: ["Name", "Default", "Unit", "What it limits", "Source"],
      rows: limitRows(DEFAULT_LIMITS, source("packages/server/src/limits.ts")),
    },
    {
      file: "docs/outcomes.md",
      name: "outcomes",
      heads: ["Outcome", "What happened", "What to do"],
      rows: outcomes(source).map((outcome) => [code(outcome), ...(OUTCOME_MEANINGS[outcome] ?? ["", ""])]),
    },
    {
      file: "docs/lifecycle.md",
      name: "retries",
      heads: ["After failed attempt", "Live event", "Test event"],
      rows: LIVE_DELAYS_MS.map((delay, index) => [`${index + 1}`, duration(delay), duration(TEST_DELAYS_MS[index])]),
    },
    {
      file: "docs/lifecycle.md",
      name: "retry policies",
      heads: ["`--retry-policy`", "What it does", "Delays of a live event"],
      rows: Object.entries(RETRY_POLICIES).map(([name, { does, live }]) => [
        code(name),
        does,
        live.map((delay) => duration(delay)).join(", ") || "–",
      ]),
    },
    {
      file: "docs/lifecycle.md",
      name: "last attempt",
      heads: ["No automatic attempt later than", "after"],
      rows: [[duration(LAST_ATTEMPT_MS), "the delivery was made"]],
    },
    routeTable(),
    consoleTable(),
    ownKeysTable(),
    ...operationTables([...CALLS.anywhere, ...CALLS.development]),
    {
      file: "docs/files.md",
      name: "purposes",
      heads: ["Purpose", "What it must be", "Largest size in bytes", "`expires_at`"],
      rows: Object.entries(UPLOADED).map(([purpose, { types, limit, expiresAfterDays }]) => [
        code(purpose),
        types.map(code).join(", "),
        `${DEFAULT_LIMITS[limit].toLocaleString("en")} (${code(limit)})`,
        expiresAfterDays === null ? "" : `${expiresAfterDays} days later`,
      ]),
    },
    {
      file: "SECURITY.md",
      name: "sealed",
      heads: ["Table", "Column", "Rows", "What it holds"],
      rows: Object.values<SealedField>(SEALED).map(({ table, column, only, holds }) => [
        code(table),
        code(column),
        only === undefined
          ? "all"
          : `${code(only.column)} is ${only.is === "in" ? "" : "not "}${only.values.map(code).join(only.is === "in" ? " or " : " nor ")}`,
        holds,
      ]),
    },
    ...stripeCliTables(),
    ...triggerTables(),
    ...payoutTables(),
    ...requirementTables(),
    ...receiverTables(source),
    ...externalAccountTables(),
    ...paymentCardTables(),
  ];
}

/** When an account is notified about one of its endpoints. */
const ENDPOINT_EVENT_MEANINGS: Readonly<Record<EndpointEventType, string>> = {
  "carabiner.webhook_endpoint.disabled": "it has failed for `endpointFailingMs`, and was disabled",
  "carabiner.webhook_endpoint.failing": "it has failed for `endpointWarningMs`, and will be disabled if it keeps failing",
  "carabiner.webhook_endpoint.recovered": "it answered with success, after either of these",
};

function noteOf(type: (typeof EVENT_TYPES)[number]): string {
  if (SELECTION_REQUIRED_TYPES.has(type)) return "must be selected by name";
  return APPLICATION_TYPES.has(type) ? "goes to the platform concerned alone" : "";
}

function outcomes(source: (path: string) => string): string[] {
  const faults = unionMembers("transport.ts", source("packages/server/src/transport/transport.ts"), "FaultCode");
  return ["succeeded", "status", "redirect", ...faults];
}

function duration(ms: number | undefined): string {
  if (ms === undefined) return "–";
  if (ms < 60_000) return `${ms / 1_000} s`;
  return ms < 3_600_000 ? `${ms / 60_000} min` : `${ms / 3_600_000} h`;
}

/** Who may use a route, if that differs from the others. */
const DEVELOPMENT = "development servers only";

const PUBLISHABLE = "publishable keys too";

const SESSIONS = "[browsers that show the dashboard](dashboard.md)";

const OWN_KEYS = "[own keys](connecting.md#acting-for-an-account) only";

/** Every call that is an operation or a procedure, by where it is available. */
const CALLS = {
  anywhere: [...resources, ...consoleResources, listenSessions({ enabled: true })].flatMap(({ operations }) => operations),
  development: [...platforms.operations, ...clockProcedures(null)],
};

/** The calls that a platform cannot make on an account's behalf. */
function ownKeysTable(): DocumentTable {
  const rows = [...CALLS.anywhere, ...CALLS.development].filter(isForOwnKeys);
  rows.sort((one, other) => compare(one.path, other.path) || compare(one.method, other.method));
  return {
    file: "docs/connecting.md",
    name: "own keys",
    heads: ["Method", "Path"],
    rows: rows.map(({ method, path }) => [code(method), code(path)]),
  };
}

/** Every route, in alphabetical order of paths. */
function routeTable(): DocumentTable {
  const routes = (from: readonly Pick<Operation, "method" | "path" | "publishable" | "ownKeysOnly">[], note = "") =>
    from.map((route) => ({
      method: route.method,
      path: route.path,
      permission: permissionsOfCall(route)?.map(code).join(", ") ?? "",
      note: [note, route.publishable === true ? PUBLISHABLE : "", isForOwnKeys(route) && note !== SESSIONS ? OWN_KEYS : ""]
        .filter(Boolean)
        .join("; "),
    }));
  const rows = [
    ...routes(CALLS.anywhere),
    ...routes(CALLS.development, DEVELOPMENT),
    ...routes(pageRoutes, "[connecting](connecting.md)"),
    ...routes([...SESSION_ROUTES, ...STREAM_ROUTES], SESSIONS),
  ].sort((one, other) => compare(one.path, other.path) || compare(one.method, other.method));
  return {
    file: "docs/routes.md",
    name: "routes",
    heads: ["Method", "Path", "Permission", "Note"],
    rows: rows.map(({ method, path, permission, note }) => [code(method), code(path), permission, note]),
  };
}

/** Every call of the console, with the names of its parameters. */
function consoleTable(): DocumentTable {
  const rows = consoleResources
    .flatMap(({ operations }) => operations)
    .filter(({ path }) => path.startsWith("/console/"))
    .sort((one, other) => compare(one.path, other.path) || compare(one.method, other.method));
  return {
    file: "docs/console-api.md",
    name: "console calls",
    heads: ["Method", "Path", "Parameters"],
    rows: rows.map(({ method, path, params }) => [
      code(method),
      code(path),
      Object.keys(params.properties)
        .filter((name) => name !== "expand")
        .map(code)
        .join(", "),
    ]),
  };
}

/** What each transition of a payout means, and its event. */
const PAYOUT_ARROW_MEANINGS: Readonly<Record<string, readonly [string, string]>> = {
  "pending → in_transit": ["it is submitted to the bank", "payout.updated"],
  "pending → canceled": ["a call takes it back", "payout.canceled"],
  "in_transit → paid": ["it arrives", "payout.paid"],
  "in_transit → failed": ["the bank sends it back", "payout.failed"],
  "paid → failed": ["the bank sends it back after all", "payout.failed"],
};

function payoutTables(): DocumentTable[] {
  const { standard, instant, returnedOnBusinessDay } = PAYOUT_TIMES;
  return [
    {
      file: "docs/payouts.md",
      name: "payout arrows",
      heads: ["From", "To", "When", "Event"],
      rows: PAYOUT_STATUSES.flatMap((from) =>
        PAYOUT_ARROWS[from].map((to) => {
          const [when, event] = PAYOUT_ARROW_MEANINGS[`${from} → ${to}`] ?? ["", ""];
          return [code(from), code(to), when, code(event)];
        }),
      ),
    },
    {
      file: "docs/payouts.md",
      name: "payout times",
      heads: ["Method", "Submitted", "Arrives"],
      rows: [
        [
          code("standard"),
          `${duration(standard.submitted)} after it was made`,
          `start of business day ${standard.arrivesOnBusinessDay} after that day`,
        ],
        [code("instant"), `${duration(instant.submitted)} after it was made`, `${duration(instant.arrives)} after it was made`],
        ["paid, then failed", "–", `comes back at the start of business day ${returnedOnBusinessDay} after the day it was paid`],
      ],
    },
    {
      file: "docs/payouts.md",
      name: "payout failures",
      heads: ["`failure_code`", "`failure_message`"],
      rows: PAYOUT_FAILURE_CODES.map((failure) => [code(failure), PAYOUT_FAILURES[failure]]),
    },
  ];
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function metricRows(definitions: Readonly<Record<string, MetricDefinition>>, kind: string): string[][] {
  return Object.values(definitions).map(({ name, help, labels = [] }) => [code(name), kind, labels.map(code).join(", "), help]);
}
