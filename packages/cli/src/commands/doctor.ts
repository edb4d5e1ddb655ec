import type { Command } from "commander";
import { CommandFailure } from "../command-failure.ts";
import type { Finding } from "../doctor/finding.ts";
import { jsonOption, printAnswer } from "../options/server-options.ts";
import { type NamedStoreOptions, namedStore } from "../options/store-options.ts";
import { printable } from "../output/printable.ts";
import type { Terminal } from "../output/terminal.ts";
import { carabinerOptionsOf, readSettings } from "../settings/read-settings.ts";
import { settingsOf } from "../settings/settings.ts";
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
      const { findingsOf } = await import("../doctor/findings-of.ts");
      const findings = await findingsOf(kept, set, { reach: options.reach ?? [], now: terminal.now });
      const failed = findings.filter(({ status }) => status === "failed").length;
      printAnswer(terminal, options, { ok: failed === 0, findings }, () => findings.map((finding) => line(finding, terminal)).join("\n"));
      if (failed > 0) throw new CommandFailure(`${failed} of ${findings.length} checks failed.`);
    });
}

function line({ check, status, found, advice }: Finding, { colours }: Terminal): string {
  const { green, yellow, red, dim } = colours.out;
  const mark = { ok: green("ok     "), warning: yellow("warning"), failed: red("failed ") }[status];
  return `${mark}  ${check.padEnd(11)}  ${printable(found)}${advice === null ? "" : `\n         ${" ".repeat(13)}${dim(advice)}`}`;
}
