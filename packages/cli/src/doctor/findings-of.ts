import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { CarabinerOptions } from "@carabiner/server";
import { DEFAULT_LIMITS } from "@carabiner/server/limits";
import { socketAnswers } from "../api/ask-operator.ts";
import { controlSocketOf } from "../options/data-directory.ts";
import type { NamedStore } from "../options/store-options.ts";
import type { carabinerOptionsOf } from "../settings/read-settings.ts";
import { ROLES } from "../settings/settings.ts";
import { askLivez } from "./ask-livez.ts";
import { checkCertificate } from "./check-certificate.ts";
import { checkDisk, checkFileSystem, checkSpace } from "./check-disk.ts";
import { checkEgress } from "./check-egress.ts";
import { checkNode } from "./check-node.ts";
import { checkPort, type RunningServers } from "./check-port.ts";
import { checkOnlyServer } from "./check-roles.ts";
import { checkStore } from "./check-store.ts";
import type { Finding } from "./finding.ts";

/**
 * The findings of all checks for a server that would run with these options. `reach`: endpoints to connect to as well.
 * `now` returns the machine's time in milliseconds.
 */
export async function findingsOf(
  kept: NamedStore,
  set: ReturnType<typeof carabinerOptionsOf>,
  { reach, now }: { reach: readonly string[]; now(): number },
): Promise<Finding[]> {
  const { roles = ROLES } = set;
  const limits = { ...DEFAULT_LIMITS, ...set.limits };
  const monotonic = (): number => performance.now();
  const beside = await serverBeside(kept);
  const { findings: ofStore, marks } = await checkStore(kept, { running: beside.length > 0, roles, limits, now });
  const running = [...beside, ...marks];
  return [
    checkNode(process.versions.node),
    ...ofStore,
    ...("file" in kept.store ? checkOnlyServer(roles) : []),
    ...(await diskFindings(kept, now, monotonic)),
    await checkPort(set, running),
    ...(await metricsPort(set.metrics, running)),
    ...(await checkCertificate(set, now())),
    ...(await checkEgress(set, reach, limits, monotonic)),
  ];
}

/** The server that has an SQLite file open. */
async function serverBeside({ store, shown }: NamedStore): Promise<RunningServers> {
  const socketPath = controlSocketOf(shown);
  if (!("file" in store) || process.platform === "win32" || !(await socketAnswers(socketPath))) return [];
  return [(await askLivez({ socketPath }))?.mark ?? null];
}

async function metricsPort(metrics: CarabinerOptions["metrics"], running: RunningServers): Promise<Finding[]> {
  if (metrics === undefined) return [];
  const { port, host = "127.0.0.1" } = metrics;
  return [await checkPort({ host, port }, running, ["metrics", ["--metrics-port", "--metrics-host"]])];
}

/** The disk of an SQLite file. The disk of a PostgreSQL database cannot be seen from here. */
async function diskFindings({ store }: NamedStore, now: () => number, monotonic: () => number): Promise<Finding[]> {
  if (!("file" in store)) return [];
  const directory = dirname(store.file);
  if (!existsSync(directory)) return [];
  const { networkFileSystem } = await import("@carabiner/server");
  return [checkFileSystem(networkFileSystem(store.file)), ...checkDisk({ directory, now, monotonic }), checkSpace(directory)];
}
