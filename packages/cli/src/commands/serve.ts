import { type Command, InvalidArgumentError, Option } from "commander";
import { type AdmissionOptions, admissionOf, withAdmissionOptions } from "../admission-options.ts";
import { controlSocketOf } from "../data-directory.ts";
import { type EgressCommandOptions, egressOf, withEgressOptions } from "../egress-options.ts";
import { type ListenOptions, parsePort, withListenOptions } from "../listen-options.ts";
import { runServer } from "../run-server.ts";
import { jsonOption } from "../server-options.ts";
import { existing, type NamedStoreOptions, namedStore, opening, withStoreOptions } from "../store-options.ts";
import { listeningOf, type StripeListenOptions, withStripeListenOptions } from "../stripe-listen-options.ts";
import type { Terminal } from "../terminal.ts";

type NodeRole = "api" | "deliveries";

const ROLES: readonly NodeRole[] = ["api", "deliveries"];

interface ServeOptions extends ListenOptions, NamedStoreOptions, AdmissionOptions, EgressCommandOptions, StripeListenOptions {
  roles: readonly NodeRole[];
  metricsPort?: number;
  metricsHost: string;
  json?: true;
}

/** Adds `carabiner serve`. */
export function registerServe(program: Command, terminal: Terminal): void {
  withStripeListenOptions(
    withEgressOptions(
      withAdmissionOptions(
        withStoreOptions(
          withListenOptions(
            program.command("serve").description("run a server to rely on: keys of its own, real time, endpoints on public addresses"),
            "info",
          ),
        ),
      ),
    ),
  )
    .addOption(
      new Option("--roles <roles>", "what it does of the work of a database that several servers share: api, deliveries or both")
        .argParser(parseRoles)
        .default(ROLES, ROLES.join(",")),
    )
    .addOption(
      new Option("--metrics-port <port>", "serve GET /metrics for Prometheus on this port; 0 for any that is free").argParser(parsePort),
    )
    .option("--metrics-host <address>", "serve the metrics on this address; they ask for no key", "127.0.0.1")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner platforms create --name Acme --data /var/lib/carabiner\n  carabiner serve --data /var/lib/carabiner --host 0.0.0.0\n  carabiner serve --database postgres://carabiner@db.internal/carabiner --key-file secrets.key --roles deliveries\n\nIt logs JSON lines on stderr.\n",
    )
    .action(async (options: ServeOptions) => {
      const {
        roles,
        json,
        host,
        port,
        logLevel,
        customEvents = false,
        dashboard,
        personEvents,
        publicUrl,
        retryPolicy,
        metricsPort,
        metricsHost,
      } = options;
      const admission = admissionOf(options, terminal.env);
      const egress = egressOf(options, terminal.env);
      // A server without a platform could only answer 401.
      const kept = existing(namedStore(options, terminal.env));
      await runServer(
        {
          command: "serve",
          database: "file" in kept.store ? kept.store.file : kept.shown,
          options: {
            mode: "serve",
            host,
            port,
            allowCustomEventTypes: customEvents,
            dashboard,
            personEvents,
            retryPolicy,
            ...(publicUrl === undefined ? {} : { publicUrl }),
            ...opening(kept),
            ...("file" in kept.store ? { controlSocket: controlSocketOf(kept.shown) } : {}),
            roles,
            ...listeningOf(options),
            ...admission,
            egress,
            log: logLevel,
            ...(metricsPort === undefined ? {} : { metrics: { host: metricsHost, port: metricsPort } }),
          },
          ready({ url, dashboard: page, metricsPort: measuredAt }) {
            const metrics = measuredAt === null ? {} : { metrics: metricsUrl(metricsHost, measuredAt) };
            if (json === true) terminal.print(JSON.stringify({ url, dashboard: page, pid: process.pid, ...metrics }));
            else
              terminal.print(
                `Carabiner is ready at ${terminal.colours.out.bold(url)}; data in ${kept.shown}${page === null ? "" : `; dashboard at ${page}`}${measuredAt === null ? "" : `; metrics at ${metricsUrl(metricsHost, measuredAt)}`}`,
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

function parseRoles(text: string): readonly NodeRole[] {
  const roles = text.split(",").map((role) => role.trim());
  const known = ROLES.filter((role) => roles.includes(role));
  if (known.length === 0 || roles.length !== known.length)
    throw new InvalidArgumentError("They must be api, deliveries, or api,deliveries.");
  return known;
}
