import type { Command } from "commander";
import { askOperator } from "../api/ask-operator.ts";
import { type OperatorOptions, operatedPlace, withOperatorOptions } from "../options/operator-options.ts";
import { jsonOption, printAnswer } from "../options/server-options.ts";
import { printable } from "../output/printable.ts";
import { formatFields } from "../output/table.ts";
import type { Terminal } from "../output/terminal.ts";
import { formatTimestamp } from "../output/timestamp.ts";

interface SystemAnswer {
  version: string;
  store: { engine: string; version: string; schema: number };
  disk: { bytes: number; free_bytes: number | null; log_bytes: number | null; tables: { name: string; bytes: number }[] | null };
  nodes: { name: string; version: string | null; roles: string[] | null; seen_at: number }[];
  deliveries: { due: number; more_due: boolean; oldest_due_at: number | null; quarantined: number };
  throughput: { since: number; deliveries: number; delivered: number; per_second: number };
  endpoints: { failing: number; disabled: number };
}

/** Adds `carabiner system`. */
export function registerSystem(program: Command, terminal: Terminal): void {
  withOperatorOptions(
    program.command("system").description("show the server's store, disk use, nodes, and what is due; --json has the limits in force too"),
  )
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  carabiner system --data /var/lib/carabiner\n")
    .action(async (options: OperatorOptions & { json?: true }) => {
      await askOperator(operatedPlace(options, terminal.env), terminal, async (client) => {
        const system = await client.get<SystemAnswer>("/operator/system");
        printAnswer(terminal, options, system, () => describe(system, terminal));
      });
    });
}

function describe({ version, store, disk, nodes, deliveries, throughput, endpoints }: SystemAnswer, terminal: Terminal): string {
  const due = `${deliveries.more_due ? "at least " : ""}${deliveries.due.toLocaleString("en-US")}`;
  return formatFields(
    [
      ["version", printable(version)],
      ["store", `${printable(store.engine)} ${printable(store.version)}, schema ${store.schema}`],
      ["disk", megabytes(disk.bytes)],
      ...(disk.free_bytes == null ? [] : [["free in it", megabytes(disk.free_bytes)] as const]),
      ...(disk.log_bytes == null ? [] : [["log", megabytes(disk.log_bytes)] as const]),
      ...(disk.tables ?? []).slice(0, 6).map(({ name, bytes }) => [printable(name), megabytes(bytes)] as const),
      ...(nodes ?? []).map(({ name, version, roles, seen_at }) => ["node", describeNode(name, version, roles, seen_at)] as const),
      ["due", due],
      ["oldest due", deliveries.oldest_due_at == null ? "-" : `${formatTimestamp(deliveries.oldest_due_at)} UTC`],
      ["quarantined", String(deliveries.quarantined ?? "-")],
      ...(throughput === undefined
        ? []
        : [["made lately", `${throughput.deliveries.toLocaleString("en-US")} deliveries, ${throughput.per_second} a second`] as const]),
      ...(endpoints === undefined ? [] : [["endpoints", `${endpoints.failing} failing, ${endpoints.disabled} disabled`] as const]),
    ],
    terminal.colours.out.dim,
  );
}

function describeNode(name: string, version: string | null, roles: string[] | null, seenAt: number): string {
  const what =
    roles == null ? "" : ` (${roles.map((role) => printable(role)).join(", ")}${version == null ? "" : `; ${printable(version)}`})`;
  return `${printable(name)}${what}, seen ${formatTimestamp(seenAt)} UTC`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toLocaleString("en-US", { maximumFractionDigits: 1 })} MB`;
}
