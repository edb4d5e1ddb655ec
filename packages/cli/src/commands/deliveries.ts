import { type Command, Option } from "commander";
import type { List } from "../api-client.ts";
import { attemptColumns, type Delivery, type DeliveryInFull, deliveryColumns, formatState } from "../delivery.ts";
import { type ListOptions, pageOf, printList, withListOptions } from "../list-answer.ts";
import { printable } from "../printable.ts";
import { clientOf, printAnswer, type ServerOptions, withServerOptions } from "../server-options.ts";
import { formatFields, formatTable } from "../table.ts";
import type { Colours, Terminal } from "../terminal.ts";
import { formatTimestamp } from "../timestamp.ts";

/** Adds `carabiner deliveries`. */
export function registerDeliveries(program: Command, terminal: Terminal): void {
  const deliveries = program.command("deliveries").description("events owed to endpoints: what was tried, and what comes next");
  const { out } = terminal.colours;

  withListOptions(
    deliveries
      .command("list")
      .description("list deliveries to your endpoints, newest first")
      .option("--endpoint <we>", "to this endpoint")
      .option("--event <evt>", "of this event")
      .addOption(new Option("--state <state>", "in this state").choices(["pending", "succeeded", "exhausted", "cancelled", "quarantined"])),
  )
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner deliveries list --state pending\n  carabiner deliveries list --state quarantined\n  carabiner deliveries list --event evt_1abc --json\n",
    )
    .action(async (options: ListOptions & { endpoint?: string; event?: string; state?: string }) => {
      const query = { ...pageOf(options), endpoint: options.endpoint, event: options.event, state: options.state };
      const answer = await clientOf(options, terminal).get<List<Delivery>>("/console/deliveries", query);
      printList(terminal, options, answer, deliveryColumns(out), "No deliveries.");
    });

  withServerOptions(deliveries.command("get").description("show one delivery with every attempt").argument("<delivery>", "its id, dlv_…"))
    .addHelpText("after", "\nExample:\n  carabiner deliveries get dlv_1abc\n")
    .action(async (id: string, options: ServerOptions) => {
      const delivery = await clientOf(options, terminal).get<DeliveryInFull>(`/console/deliveries/${encodeURIComponent(id)}`);
      printAnswer(terminal, options, delivery, () => describeDelivery(delivery, out));
    });

  withServerOptions(
    deliveries
      .command("release")
      .description("send a quarantined delivery after all: it is due at once")
      .argument("<delivery>", "its id, dlv_…"),
  )
    .addHelpText("after", "\nExample:\n  carabiner deliveries release dlv_1abc\n")
    .action(async (id: string, options: ServerOptions) => {
      const client = clientOf(options, terminal);
      const delivery = await client.post<DeliveryInFull>(`/console/deliveries/${encodeURIComponent(id)}/release`);
      printAnswer(terminal, options, delivery, () => describeDelivery(delivery, out));
    });
}

function describeDelivery(delivery: DeliveryInFull, colours: Colours): string {
  const fields = formatFields(
    [
      ["id", printable(delivery.id)],
      ["state", formatState(delivery.state, colours)],
      ...(delivery.reason === null ? [] : [["why", printable(delivery.reason)] as const]),
      ["event", `${printable(delivery.event)}  ${printable(delivery.event_type)}`],
      ["account", printable(delivery.account)],
      ["mode", delivery.livemode ? "live" : "test"],
      ["endpoint", printable(delivery.webhook_endpoint)],
      ["kind", printable(delivery.kind)],
      ["created", `${formatTimestamp(delivery.created)} UTC`],
      delivery.next_attempt_at === null
        ? ["settled", delivery.settled_at === null ? "-" : `${formatTimestamp(delivery.settled_at)} UTC`]
        : ["next try", `${formatTimestamp(delivery.next_attempt_at)} UTC`],
      ...delivery.unclean_ends.map(
        ({ at, alone }) => ["server ended", `${formatTimestamp(at)} UTC, with ${alone ? "nothing else" : "others"} under way`] as const,
      ),
    ],
    colours.dim,
  );
  const last = delivery.attempts.at(-1);
  if (last === undefined) return `${fields}\n\n${delivery.state === "pending" ? "Not tried yet." : "Never tried."}`;
  const attempts = formatTable(attemptColumns(delivery.created, colours), delivery.attempts, colours.dim);
  const answer = last.response_body === "" ? "" : `\n\n${colours.dim("last answer")}\n${printable(last.response_body, { lines: true })}`;
  return `${fields}\n\n${attempts}${answer}`;
}
