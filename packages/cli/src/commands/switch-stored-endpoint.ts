import type { SwitchedEndpoint } from "@carabiner/server";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { printAnswer, type ServerOptions } from "../options/server-options.ts";
import { mustExist, type NamedStoreOptions, namedStore, openingFor } from "../options/store-options.ts";
import { formatStatus } from "../output/endpoint-status.ts";
import { printable } from "../output/printable.ts";
import { formatFields } from "../output/table.ts";
import type { Terminal } from "../output/terminal.ts";
import { startFailure, unusable } from "../start-failure.ts";

export type StoredOptions = ServerOptions & NamedStoreOptions;

/** Switches an endpoint without a server. */
export async function switchStored(id: string, disabled: boolean, options: StoredOptions, terminal: Terminal): Promise<void> {
  for (const name of ["url", "account", "live"] as const)
    if (options[name] !== undefined)
      throw new CommandFailure(
        `--${name} asks a running server, while --data and --database read the store directly. Use one or the other.`,
        {
          exitCode: EXIT_CODES.usage,
        },
      );
  const { CARABINER_KEY_FILE, CARABINER_KEY } = terminal.env;
  // Only options name the store here, never the environment: without options the command calls a server.
  const kept = namedStore(options, { CARABINER_KEY_FILE, CARABINER_KEY });
  mustExist(kept);
  const command = `endpoints ${disabled ? "disable" : "enable"}`;
  const { switchStoredEndpoint } = await import("@carabiner/server");
  let endpoint: SwitchedEndpoint | null;
  try {
    endpoint = await switchStoredEndpoint({ ...openingFor(kept, terminal), endpoint: id, disabled });
  } catch (error) {
    if ("file" in kept.store && error instanceof Error && error.name === "StoreUnavailable")
      throw new CommandFailure(unusable(kept.shown, error), {
        advice: `Stop the server that uses it, or ask it: carabiner ${command} ${id}`,
        cause: error,
      });
    throw startFailure(error, { command, host: "", port: 0, database: kept.shown }) ?? error;
  }
  if (endpoint === null) throw new CommandFailure(`No such webhook endpoint: '${printable(id)}'.`, { exitCode: EXIT_CODES.notFound });
  const { status, url, livemode } = endpoint;
  const { out } = terminal.colours;
  printAnswer(terminal, options, endpoint, () =>
    formatFields(
      [
        ["id", printable(id)],
        ["mode", livemode ? "live" : "test"],
        ["url", printable(url)],
        ["status", formatStatus(status, out)],
      ],
      out.dim,
    ),
  );
}
