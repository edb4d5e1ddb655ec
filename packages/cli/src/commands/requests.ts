import { type Command, InvalidArgumentError, Option } from "commander";
import type { List } from "../api/api-client.ts";
import { followList } from "../api/follow-list.ts";
import { filterWords, type ListOptions, pageOf, printList, withListOptions } from "../api/list-answer.ts";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { asOwner, clientOf, printAnswer, type ServerOptions, withServerOptions } from "../options/server-options.ts";
import { createdAsked, type TimeOptions, withTimeOptions } from "../options/time-filter.ts";
import { printable } from "../output/printable.ts";
import { errorWords, type RememberedRequest, requestColumns, requestLine } from "../output/request.ts";
import { formatFields } from "../output/table.ts";
import { type Terminal, untilStopped } from "../output/terminal.ts";
import { formatTimestamp } from "../output/timestamp.ts";

const ACCOUNT = { account: "only requests that acted for this account" };

/** The options that narrow a list of requests, or a followed list. */
interface RequestFilters {
  method?: string;
  path?: string;
  status?: string;
  error?: string;
  account?: string;
}

/** Adds `carabiner requests`. */
export function registerRequests(program: Command, terminal: Terminal): void {
  const requests = program.command("requests").description("requests to the API: what was asked, what was refused, and why");

  withListOptions(withTimeOptions(withFilters(requests.command("list").description("list requests with your keys, newest first"))), {
    account: "narrows",
  })
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner requests list --status 4xx --since 1h\n  carabiner requests list --path /v1/payouts --json\n",
    )
    .action(async (options: ListOptions & TimeOptions & RequestFilters) => {
      const client = clientOf(asOwner(options), terminal);
      const { gte: since, lte: until } = (await createdAsked(options, client, terminal)) ?? {};
      const query = { ...pageOf(options), ...filtersOf(options), since, until };
      const answer = await client.get<List<RememberedRequest>>("/console/requests", query);
      const { method, path, status, error, account } = options;
      const words = filterWords({
        ...{ "--method": method, "--path": path, "--status": status, "--error": error, "--account": account },
        ...{ "--since": options.since?.text, "--until": options.until?.text },
      });
      const narrowed = words === "" ? "" : ` with ${words}`;
      const machineTime = options.columns !== undefined || answer.data.some(({ machine_time: at }) => at != null);
      printList(terminal, options, answer, requestColumns(terminal.colours.out, machineTime), `No requests${narrowed}.`);
    });

  withServerOptions(
    requests.command("show").alias("get").description("show one request, with its error").argument("<request>", "its id, req_…"),
  )
    .addHelpText("after", "\nExample:\n  carabiner requests show req_1abc\n")
    .action(async (id: string, options: ServerOptions) => {
      const request = await clientOf(options, terminal).get<RememberedRequest>(`/console/requests/${encodeURIComponent(id)}`);
      printAnswer(terminal, options, request, () => describeRequest(request, terminal));
    });

  withServerOptions(
    withFilters(requests.command("tail").description("print a line for each request as it is answered, until Ctrl+C")),
    ACCOUNT,
  )
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner requests tail\n  carabiner requests tail --status 4xx --json\n\nWith --json each line is a request.\n",
    )
    .action(async (options: ServerOptions & RequestFilters) => {
      const client = clientOf(asOwner(options), terminal);
      await untilStopped(terminal, async (signal) => {
        const onReady = (): void => terminal.tell(terminal.colours.err.dim("Ready. Ctrl+C stops it."));
        const followed = { client, path: "/console/requests", query: filtersOf(options), terminal, signal, onReady };
        for await (const request of followList<RememberedRequest>(followed)) {
          terminal.print(options.json === true ? JSON.stringify(request) : requestLine(request, terminal.colours.out, terminal.width()));
          await terminal.printed();
        }
      });
    });
}

function withFilters(command: Command): Command {
  return command
    .addOption(new Option("--method <method>", "with this method").choices(["GET", "POST", "DELETE"]))
    .option("--path <path>", "to paths that begin so, with ids or as a route: /v1/accounts, /v1/accounts/:account")
    .addOption(new Option("--status <status>", "with this status, or of this class: 404, 4xx").argParser(parseStatus))
    .option("--error <code>", "with this error, by its code or its name");
}

function parseStatus(text: string): string {
  if (!/^(?:[1-5]\d\d|[2-5]xx)$/.test(text)) throw new InvalidArgumentError("It must be a status such as 404, or a class such as 4xx.");
  return text;
}

function filtersOf({ method, path, status, error, account }: RequestFilters) {
  if (path !== undefined && !path.startsWith("/"))
    throw new CommandFailure("--path must begin with a slash, such as /v1/accounts.", { exitCode: EXIT_CODES.usage });
  const byClass = status?.endsWith("xx") === true;
  return { method, path, error, account, status: byClass ? undefined : status, status_class: byClass ? status : undefined };
}

function describeRequest(request: RememberedRequest, terminal: Terminal): string {
  const { dim } = terminal.colours.out;
  const optional = (name: string, value: string | null | undefined) => (value == null ? [] : [[name, printable(value)] as const]);
  const fields = formatFields(
    [
      ["id", printable(request.id)],
      ["request", printable(`${request.method} ${request.path}`)],
      ["status", String(request.status)],
      ...(request.error == null ? [] : [["error", errorWords(request)] as const]),
      ["mode", request.livemode ? "live" : "test"],
      ...optional("account", request.account),
      ...optional("key", request.key),
      ...optional("idempotency key", request.idempotency_key),
      ...optional("answer of", request.replay_of),
      ["at", `${formatTimestamp(request.created)} UTC`],
      ...(request.machine_time == null ? [] : [["machine time", `${formatTimestamp(request.machine_time)} UTC`] as const]),
      ["took", `${request.duration_ms} ms`],
    ],
    dim,
  );
  const part = (title: string, text: string) => `\n\n${dim(title)}\n${printable(text, { lines: true })}`;
  const given = (title: string, values: Record<string, unknown> | null | undefined) =>
    values == null || Object.keys(values).length === 0 ? "" : part(title, JSON.stringify(values, null, 2));
  const { query, params, answer } = request;
  return fields + given("query", query) + given("parameters", params) + (answer == null ? "" : part("answer", answer));
}
