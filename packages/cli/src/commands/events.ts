import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import type { List } from "../api-client.ts";
import { nextCommand } from "../as-run.ts";
import { CommandFailure } from "../command-failure.ts";
import { type Delivery, deliveryColumns } from "../delivery.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { type ListOptions, pageOf, printList, withListOptions } from "../list-answer.ts";
import { printable, printableJson } from "../printable.ts";
import { clientOf, printAnswer, type ServerOptions, withServerOptions } from "../server-options.ts";
import { type Column, formatFields, formatTable } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { formatTimestamp } from "../timestamp.ts";

interface EventAnswer {
  id: string;
  type: string;
  account?: string;
  api_version: string | null;
  created: number;
  livemode: boolean;
  pending_webhooks: number;
  data: { object: { id?: unknown; object?: unknown }; previous_attributes?: unknown };
}

/** Adds `carabiner events`. */
export function registerEvents(program: Command, terminal: Terminal): void {
  const events = program.command("events").description("what happened: list, look at, publish, send again");

  withListOptions(
    events
      .command("list")
      .description("list events, newest first")
      .option("--type <type>", "of this type; a group with a star, such as account.*")
      .option("--undelivered", "only those that an endpoint has not received yet"),
  )
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner events list --type 'account.*'\n  carabiner events list --account acct_1abc --undelivered\n",
    )
    .action(async (options: ListOptions & { type?: string; undelivered?: true }) => {
      const query = { ...pageOf(options), type: options.type, delivery_success: options.undelivered === true ? false : undefined };
      const answer = await clientOf(options, terminal).get<List<EventAnswer>>("/v1/events", query);
      printList(terminal, options, answer, EVENT_COLUMNS, "No events.");
    });

  withServerOptions(
    events.command("get").description("show one event, and the deliveries of it to your endpoints").argument("<event>", "its id, evt_…"),
  )
    .addHelpText("after", "\nExamples:\n  carabiner events get evt_1abc\n  carabiner events get evt_1abc --account acct_1abc --json\n")
    .action(async (id: string, options: ServerOptions) => {
      const client = clientOf(options, terminal);
      const event = await client.get<EventAnswer>(`/v1/events/${encodeURIComponent(id)}`);
      if (options.json === true) {
        terminal.print(printableJson(event));
        return;
      }
      terminal.print(describeEvent(event, terminal));
      // The endpoints are the key's own account's, also where the event is a connected account's.
      const owner = clientOf(withoutAccount(options), terminal);
      const deliveries = await owner.get<List<Delivery>>("/console/deliveries", { event: id, limit: 100 });
      if (deliveries.data.length === 0) terminal.tell("No endpoint of yours was owed this event.");
      else terminal.print(`\n${formatTable(deliveryColumns(terminal.colours.out), deliveries.data, terminal.colours.out.dim)}`);
    });

  withServerOptions(
    events
      .command("publish")
      .description("publish an event of your own, with an object of your own")
      .argument("<type>", "such as account.updated, or order.shipped on a server that allows types of your own")
      .option("--object <json>", "data.object as JSON; it needs an `object` key")
      .option("--object-file <path>", "the same out of a file; - for stdin"),
  )
    .addHelpText(
      "after",
      '\nExamples:\n  carabiner events publish order.shipped --object \'{"id":"ord_7","object":"order"}\'\n  carabiner events publish customer.updated --object-file customer.json --account acct_1abc\n',
    )
    .action(async (type: string, options: ServerOptions & { object?: string; objectFile?: string }) => {
      const object = await readObject(options, terminal);
      const event = await clientOf(options, terminal).postJson<EventAnswer>("/v1/events", { type, data: { object } });
      printAnswer(terminal, options, event, () => describeEvent(event, terminal));
    });

  withServerOptions(
    events
      .command("resend")
      .description("send an event again; the automatic tries go on beside it")
      .argument("<event>", "its id, evt_…")
      .option("--endpoint <we>", "to this endpoint only, instead of to all that it was owed to"),
  )
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner events resend evt_1abc\n  carabiner events resend evt_1abc --endpoint we_1abc --account acct_1abc\n",
    )
    .action(async (id: string, options: ServerOptions & { endpoint?: string }) => {
      // The call names the account as a parameter, as the Stripe CLI does: the endpoints are the platform's.
      const parameters = {
        ...(options.endpoint === undefined ? { for_stripecli: true } : { webhook_endpoint: options.endpoint }),
        account: options.account,
      };
      const client = clientOf(withoutAccount(options), terminal);
      const event = await client.post<EventAnswer>(`/v1/events/${encodeURIComponent(id)}/retry`, parameters);
      printAnswer(
        terminal,
        options,
        event,
        () => `${terminal.colours.out.green("sent again")}  ${printable(event.id)}  ${printable(event.type)}`,
      );
      terminal.tell(
        terminal.colours.err.dim(`How it ends: ${nextCommand(`deliveries list --event ${id}`, withoutAccount(options), terminal.env)}`),
      );
    });
}

const EVENT_COLUMNS: readonly Column<EventAnswer>[] = [
  { head: "ID", cell: ({ id }) => printable(id) },
  { head: "TYPE", cell: ({ type }) => printable(type) },
  { head: "OBJECT", cell: ({ data }) => printable(String(data.object.id ?? data.object.object ?? "-")) },
  { head: "ACCOUNT", cell: ({ account }) => printable(account ?? "-") },
  { head: "MODE", cell: ({ livemode }) => (livemode ? "live" : "test") },
  { head: "PENDING", cell: (event) => String(event.pending_webhooks), align: "right" },
  { head: "CREATED (UTC)", cell: ({ created }) => formatTimestamp(created) },
];

function describeEvent(event: EventAnswer, terminal: Terminal): string {
  const { out } = terminal.colours;
  return formatFields(
    [
      ["id", printable(event.id)],
      ["type", out.bold(printable(event.type))],
      ["account", printable(event.account ?? "-")],
      ["mode", event.livemode ? "live" : "test"],
      ["created", `${formatTimestamp(event.created)} UTC`],
      ["API version", printable(event.api_version ?? "-")],
      ["pending", String(event.pending_webhooks)],
      ["data", printableJson(event.data)],
    ],
    out.dim,
  );
}

function withoutAccount({ account: _, ...rest }: ServerOptions): ServerOptions {
  return rest;
}

async function readObject({ object, objectFile }: { object?: string; objectFile?: string }, terminal: Terminal): Promise<unknown> {
  const usage = (message: string, cause?: unknown) =>
    new CommandFailure(message, { advice: 'Such as --object \'{"id":"ord_7","object":"order"}\'.', exitCode: EXIT_CODES.usage, cause });
  if ((object === undefined) === (objectFile === undefined)) throw usage("Give the event's object with --object or with --object-file.");
  let text = object ?? "";
  if (objectFile === "-") text = await terminal.readInput();
  else if (objectFile !== undefined) {
    try {
      text = await readFile(objectFile, "utf8");
    } catch (error) {
      throw usage(`Cannot read ${objectFile}: ${(error as NodeJS.ErrnoException).code ?? error}.`, error);
    }
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usage(`The object is not JSON: ${error instanceof Error ? error.message : error}.`, error);
  }
}
