import { readFile } from "node:fs/promises";
import { isEndpointEventType, isEventType } from "@carabiner/protocol";
import { fileFault } from "@carabiner/server/file-fault";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { ApiClient, List } from "../api/api-client.ts";
import { filterWords, type ListOptions, pageOf, printList, withListOptions } from "../api/list-answer.ts";
import { nextCommand } from "../as-run.ts";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { asOwner, clientOf, printAnswer, type ServerOptions, withServerOptions } from "../options/server-options.ts";
import { tableText } from "../options/table-options.ts";
import { createdAsked, type TimeOptions, withTimeOptions } from "../options/time-filter.ts";
import { type Delivery, deliveryColumns } from "../output/delivery.ts";
import { deliverySummary, troubleOf } from "../output/delivery-summary.ts";
import { printable, printableJson } from "../output/printable.ts";
import { describeJob, followJob, type ResendJob } from "../output/resend-job.ts";
import { type Column, formatFields } from "../output/table.ts";
import type { Colours, Terminal } from "../output/terminal.ts";
import { formatTimestamp } from "../output/timestamp.ts";
import { unknownType, warnOfUnknownTypes } from "../unknown-type.ts";

interface EventAnswer {
  id: string;
  type: string;
  account?: string;
  api_version: string | null;
  created: number;
  livemode: boolean;
  pending_webhooks: number;
  data: { object: { id?: unknown; object?: unknown }; previous_attributes?: unknown };
  /** A thin event as the v2 API shows it; `data` then contains only the object that it is about. */
  thin?: Readonly<Record<string, unknown>>;
}

/** An event as the console shows it, with its deliveries to the key's endpoints. */
interface EventWithDeliveries extends EventAnswer {
  deliveries: Delivery[];
}

/** Adds `carabiner events`. */
export function registerEvents(program: Command, terminal: Terminal): void {
  const events = program.command("events").description("what happened: list, show, publish, send again");

  withListOptions(
    withTimeOptions(
      events
        .command("list")
        .description("list events of your account and of all that are connected to it, newest first")
        .option("--type <type>", "of this type; a group with a star, such as account.*")
        .option("--undelivered", "only those that an endpoint has not received yet"),
    ),
    { account: "narrows" },
  )
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner events list --type 'account.*' --since 2h\n  carabiner events list --account acct_1abc --undelivered\n",
    )
    .action(async (options: EventListOptions) => {
      const { type, account, undelivered } = options;
      const client = clientOf(asOwner(options), terminal);
      const created = await createdAsked(options, client, terminal);
      const query = { ...pageOf(options), account, type, created, delivery_success: undelivered === true ? false : undefined };
      const answer = await client.get<List<EventWithDeliveries>>("/console/events", query);
      if (answer.data.length === 0 && type !== undefined) warnOfUnknownTypes([type], terminal);
      printList(terminal, options, answer, eventColumns(terminal.colours.out), await whyNone());

      async function whyNone(): Promise<string> {
        const words = filterWords({ "--type": type, "--undelivered": undelivered, "--account": account });
        const narrowed = [...(words === "" ? [] : [` with ${words}`]), ...(created === undefined ? [] : [" in this time"])].join("");
        if (answer.data.length > 0) return "";
        const mode = options.live === true ? "live" : "test";
        const any = narrowed === "" ? null : await client.get<List<EventAnswer>>("/console/events", { limit: 1 });
        if (any === null || any.data.length === 0) return `No events in ${mode} mode.`;
        if (undelivered === true && words === "--undelivered" && created === undefined)
          return "No events are undelivered: every endpoint has received all it was owed.";
        return `No events${narrowed}; there are others.`;
      }
    });

  withServerOptions(
    events
      .command("get")
      .alias("show")
      .description("show one event, and the deliveries of it to your endpoints")
      .argument("<event>", "its id, evt_…"),
    { account: "the account it happened on; it is found without" },
  )
    .addHelpText("after", "\nExamples:\n  carabiner events get evt_1abc\n  carabiner events get evt_1abc --json\n")
    .action(async (id: string, options: ServerOptions) => {
      const event = await anyEvent(clientOf(asOwner(options), terminal), id, options.account);
      if (options.json === true) {
        terminal.print(printableJson(event));
        return;
      }
      terminal.print(describeEvent(event, terminal));
      if ((event.deliveries ?? []).length === 0) terminal.tell("No endpoint of yours was owed this event.");
      else terminal.print(`\n${tableText(terminal, {}, deliveryColumns(terminal.colours.out), event.deliveries)}`);
    });

  withServerOptions(
    events
      .command("publish")
      .description("publish an event of your own, with an object of your own")
      .argument("<type>", "such as account.updated, or order.shipped on a server with --custom-events")
      .option("--object <json>", "data.object as JSON; it needs an `object` key")
      .option("--object-file <path>", "the same out of a file; - for stdin"),
  )
    .addHelpText(
      "after",
      '\nExamples:\n  carabiner events publish customer.updated --object \'{"id":"cus_7","object":"customer"}\'\n  carabiner events publish customer.updated --object-file customer.json --account acct_1abc\n',
    )
    .action(async (type: string, options: ServerOptions & { object?: string; objectFile?: string }) => {
      const object = await readObject(options, terminal);
      const event = await published(clientOf(options, terminal), type, object);
      printAnswer(terminal, options, event, () => describeEvent(event, terminal));
    });

  withServerOptions(
    withTimeOptions(
      events
        .command("resend")
        .description("send an event again, or with --undelivered all that were not delivered")
        .argument("[event]", "its id, evt_…; it is tried once, and its automatic tries go on beside it")
        .option("--endpoint <we>", "to this endpoint only, instead of to all that it was owed to")
        .option("--undelivered", "instead of one event: a job sends all that were given up, each once, and retries them")
        .addOption(new Option("--state <state>", "with --undelivered: only those in this state").choices(RESEND_STATES))
        .option("--type <type>", "with --undelivered: only of this type; a group with a star, such as account.*")
        .option("--dry-run", "with --undelivered: only count what would be sent, by endpoint")
        .option("--once", "with --undelivered: try each once, instead of as the retry policy says")
        .addOption(new Option("--rate <count>", "with --undelivered: so many a second, at most").argParser(parseRate))
        .option("--detach", "with --undelivered: do not wait for the end of the job"),
    ),
    { account: "the account it happened on: one event is found without, --undelivered takes all" },
  )
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner events resend evt_1abc\n  carabiner events resend evt_1abc --endpoint we_1abc --account acct_1abc\n  carabiner events resend --undelivered --since 1d --dry-run\n  carabiner events resend --undelivered --since 1d --endpoint we_1abc --rate 50\n",
    )
    .action(async (id: string | undefined, options: ResendOptions) => {
      const client = clientOf(asOwner(options), terminal);
      if (id === undefined || options.undelivered === true) {
        if (id !== undefined || options.undelivered !== true)
          throw new CommandFailure("Name one event, or use --undelivered.", { exitCode: EXIT_CODES.usage });
        await resendUndelivered(client, options, terminal);
        return;
      }
      // Above all `--dry-run`: a user who sets it expects that nothing is sent.
      const jobOnly = JOB_OPTIONS.filter(([name]) => options[name] !== undefined).map(([, flag]) => flag);
      if (jobOnly.length > 0)
        throw new CommandFailure(`${jobOnly.join(", ")}: only with --undelivered, not with one event. Nothing was sent.`, {
          exitCode: EXIT_CODES.usage,
        });
      // The call takes the account as a parameter, like the Stripe CLI, because the endpoints are the platform's.
      const { account } = await anyEvent(client, id, options.account);
      const parameters = {
        ...(options.endpoint === undefined ? { for_stripecli: true } : { webhook_endpoint: options.endpoint }),
        account,
      };
      const event = await client.post<EventAnswer>(`/v1/events/${encodeURIComponent(id)}/retry`, parameters);
      printAnswer(
        terminal,
        options,
        event,
        () => `${terminal.colours.out.green("sent again")}  ${printable(event.id)}  ${printable(event.type)}`,
      );
      terminal.tell(
        terminal.colours.err.dim(`How it ends: ${nextCommand(`deliveries list --event ${id}`, asOwner(options), terminal.env)}`),
      );
    });
}

interface EventListOptions extends ListOptions, TimeOptions {
  type?: string;
  undelivered?: true;
}

/** The states that `--state` accepts. */
const RESEND_STATES = ["exhausted", "cancelled", "succeeded"] as const;

interface ResendOptions extends ServerOptions, TimeOptions {
  endpoint?: string;
  undelivered?: true;
  state?: string;
  type?: string;
  dryRun?: true;
  once?: true;
  rate?: number;
  detach?: true;
}

/** Options that only matter to a job. */
const JOB_OPTIONS = [
  ["state", "--state"],
  ["type", "--type"],
  ["dryRun", "--dry-run"],
  ["once", "--once"],
  ["rate", "--rate"],
  ["detach", "--detach"],
  ["since", "--since"],
  ["until", "--until"],
] as const satisfies readonly (readonly [keyof ResendOptions, string])[];

/** Starts a job that resends all undelivered events, and follows it to its end. */
async function resendUndelivered(client: ApiClient, options: ResendOptions, terminal: Terminal): Promise<void> {
  const created = await createdAsked(options, client, terminal);
  if (created?.gte === undefined)
    throw new CommandFailure("--undelivered needs --since: from when on to send again.", { exitCode: EXIT_CODES.usage });
  const { endpoint, account, state, type, rate } = options;
  const flags = { dry_run: options.dryRun, once: options.once };
  const asked = { since: created.gte, until: created.lte, endpoint, account, state, type, rate, ...flags };
  const begun = await client.post<ResendJob>("/console/resend_jobs", asked);
  const job = options.detach === true ? begun : await followJob(begun, client, terminal);
  printAnswer(terminal, options, job, () => describeJob(job, terminal));
  if (options.json === true) return;
  if (job.dry_run && job.status !== "running") {
    if (job.resent > 0) terminal.tell(terminal.colours.err.dim("Nothing was sent. The same command without --dry-run sends them."));
    return;
  }
  const next = job.status === "running" ? `resend-jobs get ${job.id}` : "deliveries list";
  terminal.tell(terminal.colours.err.dim(`Follow its progress: ${nextCommand(next, asOwner(options), terminal.env)}`));
}

function parseRate(text: string): number {
  const rate = Number(text.replace(/\/s$/, ""));
  if (!Number.isInteger(rate) || rate < 1) throw new InvalidArgumentError("It must be a whole number from 1 on: 50, or 50/s.");
  return rate;
}

/** An event of the key's account or of any connected one. */
function anyEvent(client: ApiClient, id: string, account: string | undefined): Promise<EventWithDeliveries> {
  return client.get<EventWithDeliveries>(`/console/events/${encodeURIComponent(id)}`, { account });
}

function eventColumns(colours: Colours): Column<EventWithDeliveries>[] {
  return [
    { head: "ID", cell: ({ id }) => printable(id) },
    { head: "TYPE", cell: ({ type }) => printable(type), cut: "middle", least: 14 },
    { head: "OBJECT", cell: ({ data }) => printable(String(data.object.id ?? data.object.object ?? "-")), dropped: 3 },
    { head: "ACCOUNT", cell: ({ account }) => printable(account ?? "-"), cut: "middle", dropped: 2 },
    { head: "MODE", cell: ({ livemode }) => (livemode ? "live" : "test"), dropped: 5 },
    { head: "DELIVERY", cell: ({ deliveries }) => deliverySummary(deliveries, colours), cut: "end", least: 14 },
    { head: "LAST OUTCOME", cell: ({ deliveries }) => troubleOf(deliveries), cut: "end", dropped: 1 },
    { head: "CREATED (UTC)", cell: ({ created }) => formatTimestamp(created), dropped: 4 },
  ];
}

function describeEvent(event: EventAnswer & { deliveries?: Delivery[] }, terminal: Terminal): string {
  const { out } = terminal.colours;
  return formatFields(
    [
      ["id", printable(event.id)],
      ["type", out.bold(printable(event.type))],
      ["account", printable(event.account ?? "-")],
      ["mode", event.livemode ? "live" : "test"],
      ["created", `${formatTimestamp(event.created)} UTC`],
      ...(event.thin === undefined ? ([["API version", printable(event.api_version ?? "-")]] as const) : []),
      [
        "delivery",
        event.deliveries === undefined ? `owed to ${countOf(event.pending_webhooks, "endpoint")}` : deliverySummary(event.deliveries, out),
      ],
      event.thin === undefined ? ["data", printableJson(event.data)] : ["thin event", printableJson(event.thin)],
    ],
    out.dim,
  );
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** Publishes an event. The error for its type suggests similar types. */
async function published(client: ApiClient, type: string, object: unknown): Promise<EventAnswer> {
  try {
    return await client.postJson<EventAnswer>("/v1/events", { type, data: { object } });
  } catch (error) {
    if (error instanceof CommandFailure && error.refusal?.param === "type" && !isEventType(type) && !isEndpointEventType(type))
      throw unknownType(type, error);
    throw error;
  }
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
      throw usage(`Cannot read ${objectFile}: ${fileFault(error)}.`, error);
    }
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usage(`The object is not JSON: ${error instanceof Error ? error.message : error}.`, error);
  }
}
