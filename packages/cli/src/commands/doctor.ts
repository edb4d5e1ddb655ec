import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { CarabinerOptions } from "@carabiner/server";
import { DEFAULT_LIMITS } from "@carabiner/server/limits";
import type { Command } from "commander";
import { socketAnswers } from "../api/ask-operator.ts";
import { CommandFailure } from "../command-failure.ts";
import { askLivez } from "../doctor/ask-livez.ts";
import { checkCertificate } from "../doctor/check-certificate.ts";
import { checkDisk, checkFileSystem, checkSpace } from "../doctor/check-disk.ts";
import { checkEgress } from "../doctor/check-egress.ts";
import { checkNode } from "../doctor/check-node.ts";
import { checkPort, type RunningServers } from "../doctor/check-port.ts";
import { checkOnlyServer } from "../doctor/check-roles.ts";
import { checkStore } from "../doctor/check-store.ts";
import type { Finding } from "../doctor/finding.ts";
import { controlSocketOf } from "../options/data-directory.ts";
import { jsonOption, printAnswer } from "../options/server-options.ts";
import { type NamedStore, type NamedStoreOptions, namedStore } from "../options/store-options.ts";
import { printable } from "../output/printable.ts";
import type { Terminal } from "../output/terminal.ts";
import { carabinerOptionsOf, readSettings } from "../settings/read-settings.ts";
import { ROLES, settingsOf } from "../settings/settings.ts";
import { withServerSettings } from "../settings/with-settings.ts";

interface DoctorOptions extends NamedStoreOptions {
  reach?: string[];
  json?: true;
}

/** Adds `carabiner doctor`. */
export function registerDoctor(program: Command, terminal: Terminal): void {
  withServerSettings(
    program.command("doctor").description("check whether `serve`, given the same flags, would run well here; changes nothing"),
    settingsOf("serve"),
  )
    .option(
      "--reach <url>",
      "also connect to this endpoint as a delivery would, and send nothing; may be given again",
      (url, before: string[] = []) => [...before, url],
    )
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner doctor --data /var/lib/carabiner\n  carabiner doctor --database postgres://carabiner@db.internal/carabiner --key-file secrets.key --json\n  carabiner doctor --data /var/lib/carabiner --allow-network 10.20.0.0/16 --reach http://orders.shop.svc.cluster.local/webhook\n\nIt exits with 1 if a check failed, and with 0 otherwise, also after warnings.\n",
    )
    .action(async (options: DoctorOptions, command: Command) => {
      const kept = namedStore(options, terminal.env);
      const set = carabinerOptionsOf(readSettings(command, terminal, "serve"));
      const limits = { ...DEFAULT_LIMITS, ...set.limits };
      const { roles = ROLES } = set;
      const monotonic = (): number => performance.now();
      const beside = await serverBeside(kept);
      const { findings: ofStore, marks } = await checkStore(kept, { running: beside.length > 0, roles, limits, now: terminal.now });
      const running = [...beside, ...marks];
      const findings: Finding[] = [
        checkNode(process.versions.node),
        ...ofStore,
        ...("file" in kept.store ? checkOnlyServer(roles) : []),
        ...(await diskFindings(kept, terminal.now, monotonic)),
        await checkPort(set, running),
        ...(await metricsPort(set.metrics, running)),
        ...(await checkCertificate(set, terminal.now())),
        ...(await checkEgress(set, options.reach ?? [], limits, monotonic)),
      ];
      const failed = findings.filter(({ status }) => status === "failed").length;
      printAnswer(terminal, options, { ok: failed === 0, findings }, () => findings.map((finding) => line(finding, terminal)).join("\n"));
      if (failed > 0) throw new CommandFailure(`${failed} of ${findings.length} checks failed.`);
    });
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

/** The disk of an SQLite file. That of a PostgreSQL database cannot be seen from here. */
async function diskFindings({ store }: NamedStore, now: () => number, monotonic: () => number): Promise<Finding[]> {
  if (!("file" in store)) return [];
  const directory = dirname(store.file);
  if (!existsSync(directory)) return [];
  const { networkFileSystem } = await import("@carabiner/server");
  return [checkFileSystem(networkFileSystem(store.file)), ...checkDisk({ directory, now, monotonic }), checkSpace(directory)];
}

function line({ check, status, found, advice }: Finding, { colours }: Terminal): string {
  const { green, yellow, red, dim } = colours.out;
  const mark = { ok: green("ok     "), warning: yellow("warning"), failed: red("failed ") }[status];
  return `${mark}  ${check.padEnd(11)}  ${printable(found)}${advice === null ? "" : `\n         ${" ".repeat(13)}${dim(advice)}`}`;
}
