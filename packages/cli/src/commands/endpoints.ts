import { type Command, InvalidArgumentError, Option } from "commander";
import type { ApiClient, List } from "../api/api-client.ts";
import { type ListOptions, pageOf, printList, withListOptions } from "../api/list-answer.ts";
import { nextCommand } from "../as-run.ts";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { withSecretKeysOption } from "../options/secret-keys-option.ts";
import { asOwner, clientOf, printAnswer, type ServerOptions, withServerOptions } from "../options/server-options.ts";
import { tableText } from "../options/table-options.ts";
import { destinationPath, orThin } from "../or-thin.ts";
import { attemptColumns, type Delivery, type DeliveryInFull } from "../output/delivery.ts";
import { formatDuration, parseDuration } from "../output/duration.ts";
import { describeEndpoint, type EndpointAnswer, endpointColumns, healthColumns } from "../output/endpoint.ts";
import { printable } from "../output/printable.ts";
import type { Terminal } from "../output/terminal.ts";
import { parseEndpointUrl } from "../settings/parse-endpoint-url.ts";
import { unknownType } from "../unknown-type.ts";
import type { StoredOptions } from "./switch-stored-endpoint.ts";

/**
 * Where to read endpoints. The console shows more, but only to their owner, so a platform that acts for an account uses
 * the API.
 */
function readFrom({ account }: ServerOptions): string {
  return account === undefined ? "/console/webhook_endpoints" : "/v1/webhook_endpoints";
}

interface CreateOptions extends ServerOptions {
  connect?: true;
  events: string[];
  apiVersion?: string;
  description?: string;
}

/**
 * The longest time for which a rolled secret can sign together with the new one.
 * Source: https://docs.stripe.com/webhooks#roll-endpoint-secrets
 */
const LONGEST_OVERLAP_S = 86_400;

interface SwitchOptions extends ServerOptions {
  dryRun?: true;
}

/** What pausing, resuming, disabling or enabling an endpoint does. */
interface SwitchEffect {
  /** A text for people. */
  words: string;
}

/** Adds `carabiner endpoints`. */
export function registerEndpoints(program: Command, terminal: Terminal): void {
  const endpoints = program.command("endpoints").description("where events are sent: register, change, test, pause, roll secrets");
  const { out } = terminal.colours;
  const one = (command: Command): Command => withServerOptions(command.argument("<endpoint>", "its id, we_…"));

  withServerOptions(
    endpoints
      .command("create")
      .description("register an endpoint; prints its signing secret, once")
      .argument("<url>", "where events are posted to", parseEndpointUrl)
      .option("--connect", "a Connect endpoint: events of connected accounts, instead of the account's own")
      .addOption(new Option("--events <types>", "the types it takes, with commas between them").default(["*"], "all").argParser(parseTypes))
      .option("--api-version <version>", "render its events in this version of the API")
      .option("--description <text>", "what it is for"),
  )
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner endpoints create http://127.0.0.1:4242/connect --connect\n  carabiner endpoints create https://example.com/hooks --events account.updated,payout.failed\n",
    )
    .action(async (url: string, options: CreateOptions) => {
      const endpoint = await meaningTypes(options.events, () =>
        clientOf(options, terminal).post<EndpointAnswer>("/v1/webhook_endpoints", {
          url,
          enabled_events: options.events,
          connect: options.connect,
          api_version: options.apiVersion,
          description: options.description,
        }),
      );
      printAnswer(terminal, options, endpoint, () => describeEndpoint(endpoint, out));
      terminal.tell(terminal.colours.err.dim("The secret is shown this once. Keep it where the receiver finds it."));
    });

  withListOptions(endpoints.command("list").description("list endpoints, newest first"))
    .addHelpText("after", "\nExamples:\n  carabiner endpoints list\n  carabiner endpoints list --live --json\n")
    .action(async (options: ListOptions) => {
      const answer = await clientOf(options, terminal).get<List<EndpointAnswer>>(readFrom(options), pageOf(options));
      printList(
        terminal,
        options,
        answer,
        endpointColumns(out),
        `No endpoints. Register one: ${nextCommand("endpoints create URL --connect", options, terminal.env)}`,
      );
    });

  one(endpoints.command("get").alias("show").description("show one endpoint"))
    .addHelpText("after", "\nExample:\n  carabiner endpoints get we_1abc\n")
    .action(async (id: string, options: ServerOptions) => {
      const endpoint = await clientOf(options, terminal).get<EndpointAnswer>(`${readFrom(options)}/${encodeURIComponent(id)}`);
      printAnswer(terminal, options, endpoint, () => describeEndpoint(endpoint, out));
    });

  for (const [name, disabled, does] of [
    ["disable", true, "send nothing to an endpoint until it is enabled; what falls due meanwhile is cancelled"],
    ["enable", false, "send to an endpoint again"],
  ] as const)
    withSecretKeysOption(one(endpoints.command(name).description(`${does}. Asks a server, or changes what a stopped one keeps`)))
      .option("--data <dir>", "instead of asking a server: in the SQLite file in this directory, which no server may be using")
      .option("--database <url>", "instead of asking a server: in this PostgreSQL database, whether servers use it or not")
      .option("--dry-run", "only tell what would happen to what waits")
      .addHelpText(
        "after",
        `\nExamples:\n  carabiner endpoints ${name} we_1abc\n  carabiner endpoints ${name} we_1abc --data /var/lib/carabiner\n`,
      )
      .action(async (id: string, options: StoredOptions & SwitchOptions) => {
        if (options.data !== undefined || options.database !== undefined) {
          const { switchStored } = await import("./switch-stored-endpoint.ts");
          await switchStored(id, disabled, options, terminal);
          return;
        }
        if (options.account === undefined) {
          await switched(id, name, options);
          return;
        }
        const client = clientOf(options, terminal);
        const endpoint = await client.post<EndpointAnswer>(`/v1/webhook_endpoints/${encodeURIComponent(id)}`, { disabled });
        printAnswer(terminal, options, endpoint, () => describeEndpoint(endpoint, out));
      });

  for (const [name, does] of [
    ["pause", "send nothing to an endpoint until it is resumed; what it is owed waits"],
    ["resume", "send to a paused endpoint again, or to one that is held back for its failures, first what waited"],
  ] as const)
    one(endpoints.command(name).description(does).option("--dry-run", "only tell what would happen to what waits"))
      .addHelpText("after", `\nExamples:\n  carabiner endpoints ${name} we_1abc --dry-run\n  carabiner endpoints ${name} we_1abc\n`)
      .action((id: string, options: SwitchOptions) => switched(id, name, options));

  /** Pauses, resumes, disables or enables an endpoint, and prints the effect. */
  async function switched(id: string, action: string, options: SwitchOptions): Promise<void> {
    const client = clientOf(options, terminal);
    const path = `/console/webhook_endpoints/${encodeURIComponent(id)}/${action}`;
    if (options.dryRun === true) {
      const effect = await client.post<SwitchEffect>(path, { dry_run: true });
      printAnswer(terminal, options, effect, () => printable(effect.words));
      return;
    }
    const endpoint = await client.post<EndpointAnswer & { effect: SwitchEffect }>(path);
    printAnswer(terminal, options, endpoint, () => describeEndpoint(endpoint, out));
    if (options.json !== true && endpoint.effect !== undefined) terminal.tell(terminal.colours.err.dim(printable(endpoint.effect.words)));
  }

  one(
    endpoints
      .command("update")
      .description("change an endpoint's address, types or description; what is not named stays")
      .option("--to <url>", "where events are posted to from now on", parseEndpointUrl)
      .addOption(new Option("--events <types>", "the types it takes, with commas between them; * for all").argParser(parseTypes))
      .option("--description <text>", "what it is for"),
  )
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner endpoints update we_1abc --to https://example.com/hooks\n  carabiner endpoints update we_1abc --events account.updated,payout.failed\n",
    )
    .action(async (id: string, options: ServerOptions & { to?: string; events?: string[]; description?: string }) => {
      const { to: url, events, description } = options;
      if (url === undefined && events === undefined && description === undefined)
        throw new CommandFailure("Say what to change: --to, --events or --description.", { exitCode: EXIT_CODES.usage });
      const client = clientOf(options, terminal);
      const endpoint = await meaningTypes(events, () =>
        orThin(
          () =>
            client.post<EndpointAnswer>(`/v1/webhook_endpoints/${encodeURIComponent(id)}`, { url, enabled_events: events, description }),
          async () => {
            const webhook_endpoint = url === undefined ? undefined : { url };
            await client.postJson(destinationPath(id), { webhook_endpoint, enabled_events: events, description });
            return client.get<EndpointAnswer>(`/console/webhook_endpoints/${encodeURIComponent(id)}`);
          },
        ),
      );
      printAnswer(terminal, options, endpoint, () => describeEndpoint(endpoint, out));
    });

  withListOptions(endpoints.command("health").description("show how endpoints are: since when they fail, why, and when they are disabled"))
    .addHelpText("after", "\nExample:\n  carabiner endpoints health\n")
    .action(async (options: ListOptions) => {
      const answer = await clientOf(asOwner(options), terminal).get<List<EndpointAnswer>>("/console/webhook_endpoints", pageOf(options));
      printList(terminal, options, answer, healthColumns(out), "No endpoints.");
    });

  one(endpoints.command("delete").description("delete an endpoint; what it is still owed is cancelled"))
    .addHelpText("after", "\nExample:\n  carabiner endpoints delete we_1abc\n")
    .action(async (id: string, options: ServerOptions) => {
      const client = clientOf(options, terminal);
      const answer = await orThin(
        () => client.delete<{ id: string }>(`/v1/webhook_endpoints/${encodeURIComponent(id)}`),
        () => client.delete<{ id: string }>(destinationPath(id)),
      );
      printAnswer(terminal, options, answer, () => `deleted  ${printable(id)}`);
    });

  one(endpoints.command("test").description("send a test event to an endpoint, and show how it answers"))
    .addHelpText("after", "\nExample:\n  carabiner endpoints test we_1abc\n\nEnds with 1 when the endpoint does not answer with success.\n")
    .action(async (id: string, options: ServerOptions) => {
      const client = clientOf(options, terminal);
      const { id: deliveryId } = await client.post<Delivery>(`/console/webhook_endpoints/${encodeURIComponent(id)}/test`);
      await refuseWaiting(client, id, options, terminal);
      const delivery = await firstAttempt(client, deliveryId, terminal);
      printAnswer(terminal, options, delivery, () => tableText(terminal, {}, attemptColumns(delivery.created, out), delivery.attempts));
      const [attempt] = delivery.attempts;
      if (attempt === undefined) {
        throw new CommandFailure("The test event has not been sent yet.", {
          advice: `Look again: ${nextCommand(`deliveries get ${deliveryId}`, options, terminal.env)}`,
        });
      }
      if (attempt.outcome !== "succeeded") {
        throw new CommandFailure("The endpoint did not take the test event.", {
          advice: `All about it: ${nextCommand(`deliveries get ${deliveryId}`, options, terminal.env)}`,
        });
      }
    });

  one(
    endpoints
      .command("roll")
      .description("give an endpoint a new signing secret; prints it, once")
      .addOption(
        new Option("--expire-after <duration>", "the secret until now signs too for this long, up to 24h")
          .default(0, "0s")
          .argParser(parseOverlap),
      ),
  )
    .addHelpText("after", "\nExamples:\n  carabiner endpoints roll we_1abc\n  carabiner endpoints roll we_1abc --expire-after 24h\n")
    .action(async (id: string, options: ServerOptions & { expireAfter: number }) => {
      const endpoint = await clientOf(options, terminal).post<EndpointAnswer>(
        `/console/webhook_endpoints/${encodeURIComponent(id)}/roll_secret`,
        {
          expire_after: options.expireAfter,
        },
      );
      printAnswer(terminal, options, endpoint, () => describeEndpoint(endpoint, out));
      const { err } = terminal.colours;
      if (options.expireAfter > 0)
        terminal.tell(err.dim(`Both secrets sign for ${formatDuration(options.expireAfter)}; then only this one.`));
      else terminal.tell(err.dim("Only this secret signs from now on."));
    });
}

function parseTypes(text: string): string[] {
  const types = text.split(",").map((type) => type.trim());
  if (types.some((type) => type === "")) throw new InvalidArgumentError("It must be event types with commas between them.");
  return types;
}

/** Creates or changes an endpoint. The error for an unknown event type suggests similar types instead of all. */
async function meaningTypes<T>(types: readonly string[] | undefined, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const place = error instanceof CommandFailure ? /^enabled_events\[(\d+)\]$/.exec(error.refusal?.param ?? "") : null;
    const type = place === null ? undefined : types?.[Number(place[1])];
    if (type === undefined || error instanceof CommandFailure === false) throw error;
    throw unknownType(type, error);
  }
}

function parseOverlap(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === null || seconds > LONGEST_OVERLAP_S)
    throw new InvalidArgumentError("It must be a time such as 90s, 1h or 24h, 24h at the most.");
  return seconds;
}

/** Throws when nothing is sent to an endpoint at present, because waiting for the attempt would be pointless. */
async function refuseWaiting(client: ApiClient, id: string, options: ServerOptions, terminal: Terminal): Promise<void> {
  const { paused_at: pausedAt, health } = await client.get<EndpointAnswer>(`/console/webhook_endpoints/${encodeURIComponent(id)}`);
  const isPaused = typeof pausedAt === "number";
  if (!isPaused && health?.held_until == null) return;
  throw new CommandFailure(`The test event waits: the endpoint is ${isPaused ? "paused" : "held back, as it kept failing"}.`, {
    advice: `Send what waits: ${nextCommand(`endpoints resume ${id}`, options, terminal.env)}`,
  });
}

/** How often, and for how long in total, to ask for the outcome of a test event. */
const LOOK_EVERY_MS = 50;
const LOOKS = 100;

/** The delivery after its first attempt, or in its state after a few seconds. */
async function firstAttempt(client: ApiClient, id: string, terminal: Terminal): Promise<DeliveryInFull> {
  for (let look = 1; ; look++) {
    const delivery = await client.get<DeliveryInFull>(`/console/deliveries/${encodeURIComponent(id)}`);
    if (delivery.attempts.length > 0 || delivery.state !== "pending" || look === LOOKS) return delivery;
    await terminal.pause(LOOK_EVERY_MS);
  }
}
