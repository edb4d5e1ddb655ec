import { Command, CommanderError } from "commander";
import { asRun } from "./as-run.ts";
import { CommandFailure } from "./command-failure.ts";
import { registerClock } from "./commands/clock.ts";
import { registerDeliveries } from "./commands/deliveries.ts";
import { registerDev } from "./commands/dev.ts";
import { registerEndpoints } from "./commands/endpoints.ts";
import { registerEvents } from "./commands/events.ts";
import { registerInbox } from "./commands/inbox.ts";
import { registerPlatforms } from "./commands/platforms.ts";
import { registerSecrets } from "./commands/secrets.ts";
import { registerServe } from "./commands/serve.ts";
import { registerTrigger } from "./commands/trigger.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";
import { packageVersion } from "./version.ts";

/** The commands, in the order in which help lists them. */
const COMMANDS = [
  registerDev,
  registerServe,
  registerPlatforms,
  registerSecrets,
  registerEndpoints,
  registerEvents,
  registerTrigger,
  registerDeliveries,
  registerClock,
  registerInbox,
];

/** The `carabiner` command with all its subcommands. It never ends the process: wrong usage is thrown as a `CommanderError`. */
export function buildProgram(terminal: Terminal): Command {
  const program = new Command("carabiner")
    .description("A self-hosted Connect: connected accounts, an event for every change, webhooks that arrive.")
    .version(packageVersion())
    .showHelpAfterError("(add --help to see what it takes)")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.replace(/\n$/, "")),
      writeErr: (text) => terminal.tell(text.replace(/\n$/, "")),
      outputError: (text, write) => write(text.replace(/^error:/, terminal.colours.err.red("error:"))),
      getOutHasColors: () => terminal.colours.out.isColorSupported,
      getErrHasColors: () => terminal.colours.err.isColorSupported,
    })
    .configureHelp({ styleTitle: (text) => terminal.colours.out.bold(text) })
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner dev\n  carabiner endpoints create http://127.0.0.1:4242/connect --connect\n  carabiner clock advance 3d\n",
    );
  for (const register of COMMANDS) register(program, terminal);
  return program;
}

/** Runs one command line, without the name of the program, and returns the exit code. Rejects only on a bug. */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await buildProgram(terminal).parseAsync(args, { from: "user" });
    return EXIT_CODES.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
    if (!(error instanceof CommandFailure)) throw error;
    const { dim, red } = terminal.colours.err;
    terminal.tell(
      [
        `${red("error:")} ${error.message}`,
        ...error.details.map((detail) => dim(`  ${detail}`)),
        ...(error.advice === null ? [] : [`  ${asRun(error.advice, terminal.env)}`]),
      ].join("\n"),
    );
    return error.exitCode;
  }
}
