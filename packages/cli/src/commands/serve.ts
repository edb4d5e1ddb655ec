import type { Command } from "commander";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { controlSocketOf } from "../options/data-directory.ts";
import { jsonOption } from "../options/server-options.ts";
import { existing, type NamedStoreOptions, namedStore, opening } from "../options/store-options.ts";
import type { Terminal } from "../output/terminal.ts";
import { runServer } from "../run-server.ts";
import { carabinerOptionsOf, readSettings } from "../settings/read-settings.ts";
import { ROLES, settingsOf } from "../settings/settings.ts";
import { withServerSettings } from "../settings/with-settings.ts";

/** Adds `carabiner serve`. */
export function registerServe(program: Command, terminal: Terminal): void {
  withServerSettings(
    program.command("serve").description("run a production server: its own keys, real time, endpoints on public addresses"),
    settingsOf("serve"),
  )
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner platforms create --name Acme --data /var/lib/carabiner\n  carabiner serve --data /var/lib/carabiner --host 0.0.0.0\n  carabiner serve --database postgres://carabiner@db.internal/carabiner --key-file secrets.key --roles send,work\n\nIt logs JSON lines on stderr.\n",
    )
    .action(async ({ json, ...store }: NamedStoreOptions & { json?: true }, command: Command) => {
      const options = carabinerOptionsOf(readSettings(command, terminal, "serve"));
      // Without a platform, a server could only answer 401.
      const named = namedStore(store, terminal.env);
      if ("file" in named.store && options.roles !== undefined && options.roles.length < ROLES.length)
        throw new CommandFailure(
          "An SQLite file has one server, which has to do everything: leave --roles out. Several servers can share a PostgreSQL database.",
          { exitCode: EXIT_CODES.usage },
        );
      const kept = existing(named);
      await runServer(
        {
          command: "serve",
          database: "file" in kept.store ? kept.store.file : kept.shown,
          options: {
            ...options,
            mode: "serve",
            ...opening(kept),
            ...("file" in kept.store ? { controlSocket: controlSocketOf(kept.shown) } : {}),
          },
          ready({ url, dashboard, metricsPort }) {
            const metrics = metricsPort === null ? null : metricsUrl(options.metrics?.host ?? "", metricsPort);
            if (json === true)
              terminal.print(JSON.stringify({ url, dashboard, pid: process.pid, ...(metrics === null ? {} : { metrics }) }));
            else
              terminal.print(
                [
                  `Carabiner is ready at ${terminal.colours.out.bold(url)}`,
                  `data in ${kept.shown}`,
                  ...(dashboard === null ? [] : [`dashboard at ${dashboard}`]),
                  ...(metrics === null ? [] : [`metrics at ${metrics}`]),
                ].join("; "),
              );
          },
        },
        terminal,
      );
    });
}

function metricsUrl(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}/metrics`;
}
