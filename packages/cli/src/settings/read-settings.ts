import type { CarabinerOptions } from "@carabiner/server";
import type { LimitName } from "@carabiner/server/limits";
import { type Command, InvalidArgumentError } from "commander";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { secretFrom } from "../options/secret-from.ts";
import type { Terminal } from "../output/terminal.ts";
import { LIMIT_VARIABLES, parseLimitValue } from "./limit-values.ts";
import type { ServerCommand, Setting, Source } from "./setting.ts";
import { type LogLevel, settingsOf } from "./settings.ts";
import { optionOf } from "./with-settings.ts";

/** A value and where it comes from. */
export interface Sourced {
  /** Undefined when nothing sets it and there is no default. */
  value: unknown;
  source: Source;
  /** The variable that it comes from, with the suffix `_FILE` if that variable names a file with the value. */
  variable?: string;
}

/** The settings of a server. */
export interface ReadSettings {
  settings: ReadonlyMap<Setting, Sourced>;
  /** The limits that are set. */
  limits: ReadonlyMap<LimitName, Sourced & { value: number }>;
}

/** From the weakest to the strongest. */
const SOURCES: readonly Source[] = ["default", "file", "environment", "flag"];

/**
 * The settings of a command: from its flags, or otherwise from the environment, which the configuration file has
 * extended. Throws a usage error that names the flag or the variable of a value that cannot be used.
 */
export function readSettings(command: Command, terminal: Pick<Terminal, "env" | "configFile">, name: ServerCommand): ReadSettings {
  const settings = new Map(settingsOf(name).map((setting) => [setting, readSetting(setting, command, terminal)]));
  return { settings, limits: limitsOf(settings, terminal) };
}

function readSetting(setting: Setting, command: Command, terminal: Pick<Terminal, "env" | "configFile">): Sourced {
  const attribute = optionOf(setting)?.attributeName();
  if (attribute !== undefined && command.getOptionValueSource(attribute) === "cli")
    return { value: fromFlag(setting, command.getOptionValue(attribute)), source: "flag" };
  const text = textOf(setting, terminal.env);
  if (setting.variable === null || text === undefined) return { value: setting.default, source: "default" };
  const variable = variableRead(setting.variable, setting, terminal.env);
  return { value: parsed(variable, text, setting, terminal), source: sourceOf(variable, terminal), variable };
}

/** The value of a flag: its own, or the content of the file that it names. */
function fromFlag({ readFlag }: Setting, value: unknown): unknown {
  return readFlag === undefined ? value : readFlag(String(value));
}

function textOf({ variable, secret }: Setting, env: Terminal["env"]): string | undefined {
  if (variable === null) return undefined;
  return mayBeInFile(variable, secret) ? secretFrom(env, variable) : env[variable] || undefined;
}

/** The one of a setting's two variables that is set: its own, or the one that names a file with the value. */
function variableRead(variable: string, { secret }: Setting, env: Terminal["env"]): string {
  return mayBeInFile(variable, secret) && env[`${variable}_FILE`] ? `${variable}_FILE` : variable;
}

/** The keys have a separate setting for the file that contains them. */
function mayBeInFile(variable: string, secret: Setting["secret"]): boolean {
  return secret !== undefined && variable !== "CARABINER_KEY";
}

function sourceOf(variable: string, { configFile }: Pick<Terminal, "configFile">): Source {
  return configFile?.names.has(variable) ? "file" : "environment";
}

function parsed(
  variable: string,
  text: string,
  { list, choices, parse, secret }: Omit<Setting, "variable">,
  terminal: Pick<Terminal, "configFile">,
): unknown {
  const one = (part: string): unknown => {
    try {
      if (choices?.includes(part) === false) throw new InvalidArgumentError(`Allowed choices are ${choices.join(", ")}.`);
      return parse === undefined ? part : parse(part);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      const where = sourceOf(variable, terminal) === "file" ? ` in ${terminal.configFile?.path}` : "";
      throw new CommandFailure(
        `${variable}${where}: ${secret === undefined ? `"${part}"` : "its value"} cannot be used. ${error.message}`,
        {
          exitCode: EXIT_CODES.usage,
          cause: error,
        },
      );
    }
  };
  if (list !== true) return one(text);
  return text.split(",").flatMap((part) => (part.trim() === "" ? [] : [one(part.trim())]));
}

/** The limits: those of flags such as `--rate-per-key`, then the explicitly named ones, from each source in turn. */
function limitsOf(settings: ReadonlyMap<Setting, Sourced>, terminal: Pick<Terminal, "env" | "configFile">): ReadSettings["limits"] {
  const limits = new Map<LimitName, Sourced & { value: number }>();
  const set = (values: object, source: Source): void => {
    for (const [name, value] of Object.entries(values) as [LimitName, number][]) limits.set(name, { value, source });
  };
  const named = [...LIMIT_VARIABLES].flatMap(([variable, name]) => {
    const text = terminal.env[variable];
    if (!text) return [];
    const value = parsed(
      variable,
      text,
      { option: "limits", commands: [], flags: null, does: "", parse: (one) => parseLimitValue(name, one) },
      terminal,
    );
    return [{ values: { [name]: value }, source: sourceOf(variable, terminal) }];
  });
  for (const source of SOURCES) {
    for (const [{ option }, { value, source: from }] of settings)
      if (option === "limits" && from === source && value !== undefined) for (const values of [value].flat()) set(values as object, source);
    for (const { values, source: from } of named) if (from === source) set(values, source);
  }
  return limits;
}

/**
 * The options of `startCarabiner` that follow from settings, except the store and its keys. `namedStore` reads these,
 * because it knows which of them exclude each other.
 */
export function carabinerOptionsOf({
  settings,
  limits,
}: ReadSettings): Omit<CarabinerOptions, "log"> & { host: string; port: number; log: LogLevel } {
  const options: Record<string, unknown> = { limits: Object.fromEntries([...limits].map(([name, { value }]) => [name, value])) };
  for (const [{ option }, { value }] of settings) {
    const [outer = "", inner] = option.split(".");
    if (value === undefined || ["limits", "store", "secretKeys"].includes(outer)) continue;
    options[outer] = inner === undefined ? value : { ...(options[outer] as object | undefined), [inner]: value };
  }
  // Without a port, the address to serve them at has no effect.
  if ((options.metrics as { port?: number } | undefined)?.port === undefined) delete options.metrics;
  const tls = options.tls as { certFile?: string; keyFile?: string } | undefined;
  if (tls !== undefined && (tls.certFile === undefined || tls.keyFile === undefined))
    throw new CommandFailure(`${tls.certFile === undefined ? "--tls-key goes with --tls-cert" : "--tls-cert goes with --tls-key"}.`, {
      exitCode: EXIT_CODES.usage,
    });
  return options as unknown as ReturnType<typeof carabinerOptionsOf>;
}
