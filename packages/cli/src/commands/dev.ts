import type { Command } from "commander";
import { apiVersionOption } from "../api-version-option.ts";
import { databaseOf, makeDataDirectory } from "../data-directory.ts";
import { type ForwardOptions, forwardingOf, withForwardOptions } from "../forward-options.ts";
import { type ListenOptions, withListenOptions } from "../listen-options.ts";
import { mccOption } from "../mcc-option.ts";
import { devReadyMessage } from "../ready-message.ts";
import { runServer } from "../run-server.ts";
import { type SecretKeysOption, secretKeysOf, withSecretKeysOption } from "../secret-keys-option.ts";
import { createJsonLog, createReadableLog, logActivity } from "../server-log.ts";
import { jsonOption } from "../server-options.ts";
import { stripeCliSocket } from "../stripe-cli-socket.ts";
import { listeningOf, type StripeListenOptions, withStripeListenOptions } from "../stripe-listen-options.ts";
import type { Terminal } from "../terminal.ts";

interface DevOptions extends ListenOptions, SecretKeysOption, ForwardOptions, StripeListenOptions {
  data?: string;
  memory?: true;
  defaultMcc?: string;
  apiVersion?: string;
  quiet?: true;
  json?: true;
}

/** Adds `carabiner dev`. */
export function registerDev(program: Command, terminal: Terminal): void {
  withStripeListenOptions(
    withSecretKeysOption(
      withForwardOptions(
        withListenOptions(
          program
            .command("dev")
            .description("run a server to develop and test with: known keys, a clock that turns, endpoints on this machine"),
          "info",
        ),
      ),
    ),
  )
    .option("--data <dir>", "keep everything in this directory")
    .option("--memory", "keep nothing, as without --data")
    .addOption(mccOption())
    .addOption(apiVersionOption())
    .option("--quiet", "print only what goes wrong, as with --log-level warn: no line for each request, event and attempt")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner dev\n  carabiner dev --forward-connect-to 127.0.0.1:4242/webhook\n  carabiner dev --data .carabiner --quiet\n  carabiner dev --port 0 --json\n\nWith --json one line says where it is: url, dashboard, keys, account, applications, forwarding, pid, unix_socket.\n",
    )
    .action(
      async (
        {
          data,
          memory,
          json,
          quiet,
          host,
          port,
          logLevel,
          customEvents = false,
          dashboard,
          personEvents,
          publicUrl,
          retryPolicy,
          defaultMcc,
          apiVersion,
          ...options
        }: DevOptions,
        command: Command,
      ) => {
        if (data !== undefined && memory === true) command.error("error: --data and --memory exclude each other");
        const level = quiet === true && logLevel === "info" ? "warn" : logLevel;
        const log = json === true ? createJsonLog(level) : createReadableLog(level, terminal);
        const database = data === undefined ? null : databaseOf(data);
        if (data !== undefined) await makeDataDirectory(data);
        // In memory, no key has to outlive the process.
        const forward = forwardingOf(options, terminal.env);
        const secretKeys = data === undefined ? undefined : secretKeysOf(options, terminal.env);
        const socket = await stripeCliSocket(data);
        await runServer(
          {
            command: "dev",
            database,
            options: {
              mode: "dev",
              host,
              port,
              allowCustomEventTypes: customEvents,
              dashboard,
              personEvents,
              retryPolicy,
              ...(forward === undefined ? {} : { forward }),
              ...(publicUrl === undefined ? {} : { publicUrl }),
              ...(defaultMcc === undefined ? {} : { defaultMcc }),
              ...(apiVersion === undefined ? {} : { apiVersion }),
              store: database === null ? "memory" : { file: database },
              ...(secretKeys === undefined ? {} : { secretKeys }),
              ...(socket === null ? {} : { unixSocket: socket.path }),
              ...listeningOf(options),
              log,
              onActivity: (activity) => logActivity(log, activity),
            },
            ready(carabiner) {
              const { url, dashboard: page, keys, account, applications, forwarding } = carabiner;
              if (json === true)
                terminal.print(
                  JSON.stringify({
                    url,
                    dashboard: page,
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
      },
    );
}
