import { type Command, InvalidArgumentError, Option } from "commander";
import type { List } from "../api/api-client.ts";
import { filterWords, type ListOptions, pageOf, printList, withListOptions } from "../api/list-answer.ts";
import { asOwner, clientOf, printAnswer, type ServerOptions, withServerOptions } from "../options/server-options.ts";
import { tableText } from "../options/table-options.ts";
import { createdAsked, type TimeOptions, withTimeOptions } from "../options/time-filter.ts";
import { attemptColumns, type Delivery, type DeliveryInFull, deliveryColumns, formatState, phasesInWords } from "../output/delivery.ts";
import { printable } from "../output/printable.ts";
import { formatFields } from "../output/table.ts";
import type { Terminal } from "../output/terminal.ts";
import { formatTimestamp } from "../output/timestamp.ts";
import { warnOfUnknownTypes } from "../unknown-type.ts";
import { registerTail } from "./tail-deliveries.ts";

const STATES = ["pending", "retrying", "succeeded", "exhausted", "unreceived", "cancelled", "quarantined"] as const;

interface DeliveryListOptions extends ListOptions, TimeOptions {
  endpoint?: string;
  event?: string;
  type?: string;
  state?: string;
  status?: string;
  fault?: string;
}

/** Adds `carabiner deliveries`. */
export function registerDeliveries(program: Command, terminal: Terminal): void {
  const deliveries = program.command("deliveries").description("events owed to endpoints: what was tried, and what comes next");
  const { out } = terminal.colours;

  withListOptions(
    withTimeOptions(
      deliveries
        .command("list")
        .description("list deliveries to your endpoints, newest first: of events of all accounts")
        .option("--endpoint <we>", "to this endpoint")
        .option("--event <evt>", "of this event")
        .option("--type <type>", "of events of this type; a group with a star, such as account.*")
        .addOption(new Option("--state <state>", "in this state; retrying: pending, and tried before").choices(STATES))
        .addOption(new Option("--status <status>", "whose last attempt was answered so: 500, or 5xx").argParser(parseStatus))
        .option("--fault <fault>", "whose last attempt got no answer for this reason: timeout, dns_failure (docs/outcomes.md)"),
    ),
    { account: "narrows" },
  )
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner deliveries list --state pending\n  carabiner deliveries list --account acct_1abc --since 2h\n  carabiner deliveries list --status 5xx --endpoint we_1abc --since 1h\n  carabiner deliveries list --event evt_1abc --json\n",
    )
    .action(async (options: DeliveryListOptions) => {
      const { endpoint, event, type, state, status, fault, account } = options;
      const client = clientOf(asOwner(options), terminal);
      const created = await createdAsked(options, client, terminal);
      const query = { ...pageOf(options), endpoint, event, account, type, state, ...statusAsked(status), fault, created };
      const answer = await client.get<List<Delivery>>("/console/deliveries", query);
      if (answer.data.length === 0 && type !== undefined) warnOfUnknownTypes([type], terminal);
      printList(terminal, options, answer, deliveryColumns(out), await whyNone());

      async function whyNone(): Promise<string> {
        const words = filterWords({
          ...{ "--endpoint": endpoint, "--event": event, "--type": type, "--state": state },
          ...{ "--status": status, "--fault": fault, "--account": account },
        });
        const narrowed = [...(words === "" ? [] : [` with ${words}`]), ...(created === undefined ? [] : [" in this time"])].join("");
        if (narrowed === "" || answer.data.length > 0) return "No deliveries.";
        const any = await client.get<List<Delivery>>("/console/deliveries", { limit: 1 });
        return any.data.length === 0 ? "No deliveries." : `No deliveries${narrowed}; there are others.`;
      }
    });

  withServerOptions(
    deliveries.command("get").alias("show").description("show one delivery with every attempt").argument("<delivery>", "its id, dlv_…"),
  )
    .addHelpText("after", "\nExample:\n  carabiner deliveries get dlv_1abc\n")
    .action(async (id: string, options: ServerOptions) => {
      const delivery = await clientOf(options, terminal).get<DeliveryInFull>(`/console/deliveries/${encodeURIComponent(id)}`);
      printAnswer(terminal, options, delivery, () => describeDelivery(delivery, terminal));
    });

  registerTail(deliveries, terminal);

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
      printAnswer(terminal, options, delivery, () => describeDelivery(delivery, terminal));
    });
}

function describeDelivery(delivery: DeliveryInFull, terminal: Terminal): string {
  const colours = terminal.colours.out;
  const fields = formatFields(
    [
      ["id", printable(delivery.id)],
      ["state", formatState(delivery.state, colours)],
      ...(delivery.reason == null ? [] : [["why", printable(delivery.reason)] as const]),
      ["event", `${printable(delivery.event)}  ${printable(delivery.event_type)}`],
      ["account", printable(delivery.account)],
      ["mode", delivery.livemode ? "live" : "test"],
      ["endpoint", printable(delivery.webhook_endpoint)],
      ["kind", printable(delivery.kind)],
      ["created", `${formatTimestamp(delivery.created)} UTC`],
      delivery.next_attempt_at === null
        ? ["settled", delivery.settled_at === null ? "-" : `${formatTimestamp(delivery.settled_at)} UTC`]
        : ["next try", `${formatTimestamp(delivery.next_attempt_at)} UTC`],
      ...(delivery.unclean_ends ?? []).map(
        ({ at, alone }) => ["server ended", `${formatTimestamp(at)} UTC, with ${alone ? "nothing else" : "others"} under way`] as const,
      ),
    ],
    colours.dim,
  );
  const last = delivery.attempts?.at(-1);
  if (last === undefined) return `${fields}\n\n${withoutAttempts(delivery)}`;
  const attempts = tableText(terminal, {}, attemptColumns(delivery.created, colours), delivery.attempts);
  const { url, body } = delivery.request ?? {};
  const sent = [
    `POST ${printable(url ?? "-")}`,
    ...headerLines(last.request_headers),
    ...(body == null ? [] : ["", printable(body, { lines: true })]),
  ].join("\n");
  const head = [...(last.status === null ? [] : [`status ${last.status}`]), ...headerLines(last.response_headers ?? {})];
  const answer = last.response_body === null ? "(The rest is no longer kept.)" : printable(last.response_body, { lines: true });
  const received = [...head, ...(answer === "" ? [] : ["", answer])].join("\n");
  const phases = phasesInWords(last);
  return [
    `${fields}\n\n${attempts}`,
    ...(phases === null ? [] : [`${colours.dim("last try, in parts")}\n${phases}`]),
    `${colours.dim("last request")}\n${sent}`,
    ...(received === "" ? [] : [`${colours.dim("last answer")}\n${received}`]),
  ].join("\n\n");
}

/** `500`, or `5xx` for the whole class. Throws `InvalidArgumentError` for anything else. */
function parseStatus(text: string): string {
  if (!/^[1-5]\d\d$|^[2-5]xx$/.test(text))
    throw new InvalidArgumentError("It must be a status such as 500, or a class: 2xx, 3xx, 4xx, 5xx.");
  return text;
}

function statusAsked(status: string | undefined): { status?: string; status_class?: string } {
  if (status === undefined) return {};
  return status.endsWith("xx") ? { status_class: status } : { status };
}

function headerLines(headers: Readonly<Record<string, string>> | undefined): string[] {
  return Object.entries(headers ?? {}).map(([name, value]) => `${printable(name)}: ${printable(value)}`);
}
/** Why a delivery shows no attempts. */
function withoutAttempts({ state, attempt_count: made }: DeliveryInFull): string {
  if (made > 0) return "Its attempts are no longer kept.";
  return state === "pending" ? "Not tried yet." : "Never tried.";
}
