import { existsSync } from "node:fs";
import type { Command } from "commander";
import { CommandFailure } from "../command-failure.ts";
import { databaseOf } from "../data-directory.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { type ListenOptions, withListenOptions } from "../listen-options.ts";
import { runServer } from "../run-server.ts";
import { jsonOption } from "../server-options.ts";
import type { Terminal } from "../terminal.ts";

interface ServeOptions extends ListenOptions {
  data?: string;
  json?: true;
}

/** Adds `carabiner serve`. */
export function registerServe(program: Command, terminal: Terminal): void {
  withListenOptions(
    program.command("serve").description("run a server to rely on: keys of its own, real time, endpoints on public addresses"),
    "info",
  )
    .option("--data <dir>", "where everything is kept (environment: CARABINER_DATA); required")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner platforms create --name Acme --data /var/lib/carabiner\n  carabiner serve --data /var/lib/carabiner --host 0.0.0.0\n\nIt logs JSON lines on stderr.\n",
    )
    .action(async ({ data, json, host, port, logLevel, customEvents = false, personEvents, publicUrl }: ServeOptions) => {
      const directory = dataDirectoryOf(data, terminal.env);
      const database = databaseOf(directory);
      // Only `platforms create` makes the database: a server without a platform could answer nothing but 401.
      if (!existsSync(database)) {
        throw new CommandFailure(`There is no platform in ${directory} yet.`, {
          advice: `Make the first: carabiner platforms create --name NAME --data ${directory}`,
        });
      }
      await runServer(
        {
          command: "serve",
          database,
          options: {
            mode: "serve",
            host,
            port,
            allowCustomEventTypes: customEvents,
            personEvents,
            ...(publicUrl === undefined ? {} : { publicUrl }),
            store: { file: database },
            log: logLevel,
          },
          ready({ url }) {
            if (json === true) terminal.print(JSON.stringify({ url, pid: process.pid }));
            else terminal.print(`Carabiner is ready at ${terminal.colours.out.bold(url)}; data in ${directory}`);
          },
        },
        terminal,
      );
    });
}

/** The data directory, from the option or the environment. Throws a usage error when neither names one. */
export function dataDirectoryOf(option: string | undefined, env: Terminal["env"]): string {
  const directory = option ?? env.CARABINER_DATA;
  if (directory === undefined || directory === "") {
    throw new CommandFailure("Say where the data is kept, with --data or CARABINER_DATA.", { exitCode: EXIT_CODES.usage });
  }
  return directory;
}
