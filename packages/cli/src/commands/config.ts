import { DEFAULT_LIMITS, type LimitName } from "@carabiner/server/limits";
import type { Command } from "commander";
import { jsonOption, printAnswer } from "../options/server-options.ts";
import { type NamedStoreOptions, namedStore } from "../options/store-options.ts";
import { printable } from "../output/printable.ts";
import { formatTable } from "../output/table.ts";
import type { Terminal } from "../output/terminal.ts";
import { limitVariable } from "../settings/limit-values.ts";
import { type ReadSettings, readSettings, type Sourced } from "../settings/read-settings.ts";
import type { Setting } from "../settings/setting.ts";
import { settingsOf } from "../settings/settings.ts";
import { withServerSettings } from "../settings/with-settings.ts";

/** One line of the output: a setting or a limit. */
interface Printed {
  name: string;
  variable: string | null;
  /** Masked if it is a secret; null when nothing sets it. */
  value: unknown;
  source: string;
}

const MASK = "********";

/** Adds `carabiner config`. */
export function registerConfig(program: Command, terminal: Terminal): void {
  const config = program.command("config").description("how a server is set up");

  withServerSettings(
    config.command("print").description("print what `serve` would run with, given the same flags, and where each value comes from"),
    settingsOf("serve"),
  )
    .option("--all", "print the limits that have their defaults too")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner config print --data /var/lib/carabiner\n  carabiner config print --config /etc/carabiner.env --json\n\nSecrets are masked.\n",
    )
    .action(async (options: NamedStoreOptions & { all?: true; json?: true }, command: Command) => {
      const read = readSettings(command, terminal, "serve");
      refuseTwoStores(options, read, terminal);
      const settings = effective(read);
      const limits = printedLimits(read);
      const file = terminal.configFile?.path ?? null;
      printAnswer(terminal, options, { config_file: file, settings, limits }, () => {
        const shown = options.all === true ? limits : limits.filter(({ source }) => source !== "default");
        const left = limits.length - shown.length;
        const table = formatTable<Printed>(
          [
            { head: "SETTING", cell: ({ name }) => name },
            { head: "VALUE", cell: ({ value }) => printable(shownValue(value)) },
            { head: "FROM", cell: ({ source }) => source },
            { head: "VARIABLE", cell: ({ variable }) => variable ?? "-" },
          ],
          [...settings, ...shown],
          { width: null, head: terminal.colours.out.dim },
        );
        const notes = [
          `configuration file: ${file === null ? "none" : printable(file)}`,
          ...(left === 0 ? [] : [`${left} limits have their defaults; --all prints them too`]),
        ];
        return `${table}\n${terminal.colours.out.dim(notes.join("\n"))}`;
      });
    });
}

/** Throws when two settings exclude each other, as in `serve`. Setting neither is not an error here. */
function refuseTwoStores(options: NamedStoreOptions, { settings }: ReadSettings, terminal: Terminal): void {
  for (const [{ option }, { value }] of settings)
    if (option.startsWith("store.") && value !== undefined) {
      namedStore(options, terminal.env);
      return;
    }
}

/**
 * The settings, without those that a stronger source replaces: for example, `--data` replaces a database in the
 * environment.
 */
function effective({ settings }: ReadSettings): Printed[] {
  const flagged = new Set([...settings].flatMap(([{ option }, { source }]) => (source === "flag" ? [option.split(".")[0]] : [])));
  return [...settings].flatMap(([setting, sourced]) => {
    const [outer = ""] = setting.option.split(".");
    // The limits that flags set appear one by one.
    if (outer === "limits") return [];
    const replaced = ["store", "secretKeys"].includes(outer) && flagged.has(outer) && sourced.source !== "flag";
    return [printed(setting, replaced ? { value: undefined, source: "default" } : sourced)];
  });
}

function printed(setting: Setting, { value, source, variable = setting.variable ?? undefined }: Sourced): Printed {
  return { name: setting.option, variable: variable ?? null, value: masked(setting, value) ?? null, source };
}

function masked({ secret }: Setting, value: unknown): unknown {
  if (secret === undefined || typeof value !== "string") return value;
  const url = secret === "password" ? URL.parse(value) : null;
  if (url === null) return MASK;
  if (url.password !== "") url.password = MASK;
  if (url.searchParams.has("password")) url.searchParams.set("password", MASK);
  return url.href;
}

function printedLimits({ limits }: ReadSettings): Printed[] {
  return (Object.keys(DEFAULT_LIMITS) as LimitName[]).map((name) => {
    const { value, source } = limits.get(name) ?? { value: DEFAULT_LIMITS[name], source: "default" };
    return { name: `limits.${name}`, variable: limitVariable(name), value, source };
  });
}

function shownValue(value: unknown): string {
  if (value === null) return "-";
  if (Array.isArray(value)) return value.length === 0 ? "-" : value.join(",");
  return String(value);
}
