import type { CarabinerOptions } from "@carabiner/server";
import { type Command, Option } from "commander";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { controlSocketOf, databaseOf, makeDataDirectory } from "../options/data-directory.ts";
import { secretKeysOf } from "../options/secret-keys-option.ts";
import { jsonOption } from "../options/server-options.ts";
import type { Terminal } from "../output/terminal.ts";
import { devReadyMessage } from "../ready-message.ts";
import { runServer } from "../run-server.ts";
import { activityOptions, createJsonLog, createReadableLog } from "../server-log.ts";
import { carabinerOptionsOf, type ReadSettings, readSettings } from "../settings/read-settings.ts";
import { settingsOf } from "../settings/settings.ts";
import { withServerSettings } from "../settings/with-settings.ts";
import { stripeCliSocket } from "../stripe-cli-socket.ts";

interface DevOptions {
  data?: string;
  memory?: true;
  keyFile?: string;
  quiet?: true;
  json?: true;
}

/** Adds `carabiner dev`. */
export function registerDev(program: Command, terminal: Terminal): void {
  withServerSettings(
    program.command("dev").description("run a server to develop and test with: known keys, a clock that turns, endpoints on this machine"),
    settingsOf("dev"),
  )
    .addOption(new Option("--data <dir>", "keep everything in this directory").helpGroup("Data:"))
    .addOption(new Option("--memory", "keep nothing, as without --data").helpGroup("Data:"))
    .addOption(
      new Option("--quiet", "print only what goes wrong, as with --log-level warn: no line for each request, event and attempt").helpGroup(
        "Roles, metrics and logs:",
      ),
    )
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner dev\n  carabiner dev --forward-connect-to 127.0.0.1:4242/webhook\n  carabiner dev --data .carabiner --quiet\n  carabiner dev --port 0 --json\n\nWith --json one line says where it is: url, dashboard, keys, account, applications, forwarding, pid, unix_socket.\n",
    )
    .action(async ({ data, memory, keyFile, quiet, json }: DevOptions, command: Command) => {
      if (data !== undefined && memory === true) command.error("error: --data and --memory exclude each other");
      const read = readSettings(command, terminal, "dev");
      const { forward: _, log: level, ...options } = carabinerOptionsOf(read);
      const shownFrom = quiet === true && level === "info" ? "warn" : level;
      const log = json === true ? createJsonLog(shownFrom, terminal) : createReadableLog(shownFrom, terminal);
      const database = data === undefined ? null : databaseOf(data);
      if (data !== undefined) await makeDataDirectory(data);
      const forward = forwardingOf(read);
      // For a store in memory, no key has to outlive the process.
      const secretKeys = data === undefined ? undefined : secretKeysOf({ ...(keyFile === undefined ? {} : { keyFile }) }, terminal.env);
      const socket = await stripeCliSocket(data);
      await runServer(
        {
          command: "dev",
          database,
          options: {
            ...options,
            mode: "dev",
            ...(forward === undefined ? {} : { forward }),
            store: database === null ? "memory" : { file: database },
            ...(data === undefined ? {} : { controlSocket: controlSocketOf(data) }),
            ...(secretKeys === undefined ? {} : { secretKeys }),
            ...(socket === null ? {} : { unixSocket: socket.path }),
            log,
            ...activityOptions(log),
          },
          ready(carabiner) {
            const { url, dashboard, keys, account, applications, forwarding } = carabiner;
            if (json === true)
              terminal.print(
                JSON.stringify({
                  url,
                  dashboard,
                  keys,
                  account,
                  applications,
                  forwarding,
                  pid: process.pid,
                  unix_socket: socket?.path ?? null,
                }),
              );
            else terminal.print(devReadyMessage(carabiner, { database, forward, socket }, terminal));
          },
        },
        terminal,
      ).finally(() => socket?.remove());
    });
}

/**
 * The endpoints that exist from the start. A secret in the environment may be intended for `listen`; a flag cannot be.
 */
function forwardingOf(read: ReadSettings): CarabinerOptions["forward"] {
  const { forward } = carabinerOptionsOf(read);
  if (forward === undefined || forward.to !== undefined || forward.connectTo !== undefined) return forward;
  for (const [{ option }, { source }] of read.settings)
    if (option === "forward.secret" && source === "flag")
      throw new CommandFailure("--webhook-secret-file goes with --forward-to or --forward-connect-to.", { exitCode: EXIT_CODES.usage });
  return undefined;
}
