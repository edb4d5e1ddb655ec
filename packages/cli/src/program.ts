import { type Command, CommanderError } from "commander";
import { asRun } from "./as-run.ts";
import { CliCommand } from "./cli-command.ts";
import { CommandFailure } from "./command-failure.ts";
import { registerDev } from "./commands/dev.ts";
import { registerServe } from "./commands/serve.ts";
import { withConfigFile } from "./config-file.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { inOwnOptions } from "./options/in-own-options.ts";
import { insteadOfSecretOption, refuseSecretsInArguments } from "./options/refuse-secrets-in-arguments.ts";
import type { OTHER_COMMANDS } from "./other-commands.ts";
import type { Terminal } from "./output/terminal.ts";
import { packageVersion } from "./version.ts";

type Register = (program: Command, terminal: Terminal) => void;

/** Names of commands, and the function that adds them. */
interface Registered {
  names: readonly string[];
  load(): Promise<Register>;
}

/** A command that starts no server: its module is loaded with those of the others, in few files. */
const other = async (name: keyof typeof OTHER_COMMANDS): Promise<Register> => (await import("./other-commands.ts")).OTHER_COMMANDS[name];

/** The commands under their headings, in the order of the help. */
const GROUPS: Readonly<Record<string, readonly Registered[]>> = {
  "Run a server": [
    { names: ["dev"], load: async () => registerDev },
    { names: ["serve"], load: async () => registerServe },
    { names: ["config"], load: () => other("registerConfig") },
    { names: ["doctor"], load: () => other("registerDoctor") },
  ],
  "Accounts, events and endpoints": [
    { names: ["accounts"], load: () => other("registerAccounts") },
    { names: ["events"], load: () => other("registerEvents") },
    { names: ["trigger"], load: () => other("registerTrigger") },
    { names: ["endpoints"], load: () => other("registerEndpoints") },
    { names: ["deliveries"], load: () => other("registerDeliveries") },
    { names: ["resend-jobs"], load: () => other("registerResendJobs") },
    { names: ["requests"], load: () => other("registerRequests") },
    { names: ["listen"], load: () => other("registerListen") },
    { names: ["clock"], load: () => other("registerClock") },
  ],
  "Operate a server": [
    { names: ["platforms"], load: () => other("registerPlatforms") },
    { names: ["keys"], load: () => other("registerKeys") },
    { names: ["operators"], load: () => other("registerOperators") },
    { names: ["secrets"], load: () => other("registerSecrets") },
    { names: ["backup", "restore"], load: () => other("registerBackup") },
    { names: ["audit"], load: () => other("registerAudit") },
    { names: ["system"], load: () => other("registerSystem") },
  ],
  "Other commands": [
    { names: ["inbox"], load: () => other("registerInbox") },
    { names: ["completion"], load: () => other("registerCompletion") },
  ],
};

/** The commands, in the order of the help. */
export const COMMANDS: readonly Registered[] = Object.values(GROUPS).flat();

/**
 * The `carabiner` command with all its subcommands, or with only the one that `first` names, if any: the modules and
 * options of all commands take a twentieth of the start. It never ends the process. Usage errors are printed to stderr,
 * or passed to `onUsage`, and thrown as a `CommanderError`.
 */
export async function buildProgram(
  terminal: Terminal,
  onUsage: ((message: string) => void) | null = null,
  first: string | null = null,
): Promise<Command> {
  const program = new CliCommand("carabiner")
    .description("A self-hosted Connect: connected accounts, an event for every change, webhooks that arrive.")
    .version(packageVersion())
    .option("--config <file>", "read variables from this file (environment: CARABINER_CONFIG)")
    .showHelpAfterError("(add --help to see what it takes)")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.replace(/\n$/, "")),
      writeErr: (text) => (onUsage ?? terminal.tell)(text.replace(/\n$/, "")),
      outputError(text, write) {
        const worded = text.replace(/command-argument value ('.*') is invalid for argument '(\w+)'/s, "argument <$2>: $1 is invalid");
        const instead = insteadOfSecretOption(/unknown option '(--[a-z-]+)/.exec(text)?.[1] ?? "");
        const plain = instead === null ? worded : `${worded.split("\n")[0]}. ${instead}\n`;
        write(onUsage === null ? plain.replace(/^error:/, terminal.colours.err.red("error:")) : plain);
      },
      getOutHasColors: () => terminal.colours.out.isColorSupported,
      getErrHasColors: () => terminal.colours.err.isColorSupported,
    })
    .configureHelp({ styleTitle: (text) => terminal.colours.out.bold(text) })
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner dev\n  carabiner endpoints create http://127.0.0.1:4242/connect --connect\n  carabiner clock advance 3d\n",
    );
  const named = first === null || first === "completion" ? [] : COMMANDS.filter(({ names }) => names.includes(first));
  const chosen = named.length === 0 ? COMMANDS : named;
  const adding = new Map(await Promise.all(chosen.map(async (one) => [one, await one.load()] as const)));
  for (const [group, commands] of Object.entries(GROUPS)) {
    program.commandsGroup(`${group}:`);
    for (const one of commands) adding.get(one)?.(program, terminal);
  }
  // This also follows the last heading.
  program.helpCommand(true);
  return program.hook("preAction", (_, command) => refuseSecretsInArguments(command));
}

/** Runs one command line, without the program's name, and returns the exit code. Rejects only on a bug. */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<number> {
  // Checked before parsing, because an invalid line has no options yet.
  const json = args.includes("--json");
  const usage: string[] = [];
  let running: Command | null = null;
  try {
    // Read before a command runs, but not for help, which works even with a wrong configuration file.
    const configured = { ...terminal };
    const program = await buildProgram(configured, json ? (text) => void usage.push(text) : null, args[0]);
    program.hook("preAction", (_, command) => {
      running = command;
      Object.assign(configured, withConfigFile(terminal.env, program.opts<{ config?: string }>().config));
    });
    await program.parseAsync(args, { from: "user" });
    return EXIT_CODES.ok;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT_CODES.ok;
      if (json) terminal.tell(errorAsJson(usageFault(usage, error), EXIT_CODES.usage));
      return EXIT_CODES.usage;
    }
    if (!(error instanceof CommandFailure)) throw error;
    const { message, details } = inCommandsWords(error, running);
    const advice = error.advice === null ? null : asRun(error.advice, terminal.env);
    if (json) {
      // A refusal has its facts in separate fields.
      const facts = error.refusal ?? (details.length > 0 ? { details } : {});
      terminal.tell(errorAsJson({ message, advice, ...facts }, error.exitCode));
      return error.exitCode;
    }
    const { dim, red } = terminal.colours.err;
    terminal.tell(
      [`${red("error:")} ${message}`, ...details.map((detail) => dim(`  ${detail}`)), ...(advice === null ? [] : [`  ${advice}`])].join(
        "\n",
      ),
    );
    return error.exitCode;
  }
}

/** What failed, in the terms of the command that ran: its options instead of the server's parameters. */
function inCommandsWords(
  { message, details, refusal }: CommandFailure,
  command: Command | null,
): Pick<CommandFailure, "message" | "details"> {
  // A missing object is named by its id.
  const param = refusal?.status === 400 ? refusal.param : null;
  const own = param === null || command === null ? null : inOwnOptions(message, param, command);
  if (own === null) return { message, details };
  return { message: own.message, details: details.map((detail) => detail.replace(` · parameter ${param}`, "")) };
}

/** An error for programs, in one line. */
function errorAsJson(error: Readonly<Record<string, unknown>>, exitCode: number): string {
  return JSON.stringify({ error: { ...error, exit_code: exitCode } });
}

/** What was wrong with a command line, and what to do: try the word that was probably intended, or read the help. */
function usageFault([first]: readonly string[], error: CommanderError): { message: string; advice: string } {
  const [message = "", ...more] = (first ?? error.message).replace(/^error: /, "").split("\n");
  const meant = more.find((line) => line.startsWith("(Did you mean"));
  return { message, advice: meant?.slice(1, -1) ?? "Add --help to see what it takes." };
}
