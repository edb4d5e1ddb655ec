import { EVENT_TYPES, type EventType, isEventType, sampleObject } from "@carabiner/protocol";
import { type Command, Option } from "commander";
import type { ApiClient, List } from "../api/api-client.ts";
import { nextCommand } from "../as-run.ts";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { asOwner, clientOf, printAnswer, type ServerOptions, withServerOptions } from "../options/server-options.ts";
import { printable } from "../output/printable.ts";
import type { Terminal } from "../output/terminal.ts";
import type { Cause } from "../trigger/cause.ts";
import { collectOverride, type Override, withOverrides } from "../trigger/overrides.ts";
import { createStage } from "../trigger/stage.ts";
import { unknownType } from "../unknown-type.ts";

interface TriggerOptions extends ServerOptions {
  set?: readonly Override[];
  publish?: true;
  list?: true;
}

interface EventAnswer {
  id: string;
  type: string;
  account?: string;
  livemode: boolean;
}

/** The name of a test card, in an error that says that it does not exist. */
const TEST_CARD = /'(?:pm_card|tok)_\w+'/;

/** How an event was made. */
type Origin = "caused" | "published" | "coming";

/** Adds `carabiner trigger`. */
export function registerTrigger(program: Command, terminal: Terminal): void {
  withServerOptions(
    program
      .command("trigger")
      .description("make an event of a type happen: by its real cause where the server has one, otherwise published with a sample object")
      .argument("[type]", "such as payout.failed")
      .addOption(
        new Option(
          "--set <path=value>",
          "change a parameter of the call that causes it, or a field of the object that is published: amount=500, metadata.plan=gold; may be given again",
        ).argParser(collectOverride),
      )
      .option("--publish", "publish it with a sample object, also where the server could cause it")
      .option("--list", "list every type, and how it comes about"),
    { account: "on this account; otherwise on a new one, or on the platform where it is the platform's" },
  )
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner trigger payout.failed\n  carabiner trigger account.updated --account acct_1abc --set metadata.plan=gold\n  carabiner trigger invoice.paid --set amount_due=500\n",
    )
    .action(async (type: string | undefined, options: TriggerOptions) => {
      const { CAUSES } = await import("../trigger/causes.ts");
      if (options.list === true) {
        const types = EVENT_TYPES.map((one) => ({ type: one, origin: CAUSES[one] === undefined ? "published" : "caused" }));
        printAnswer(terminal, options, types, () => types.map((one) => `${one.origin.padEnd(9)}  ${one.type}`).join("\n"));
        return;
      }
      const known = typeOf(type);
      const cause = options.publish === true ? undefined : CAUSES[known];
      const client = clientOf(asOwner(options), terminal);
      if (cause !== undefined && options.live === true) await checkPretended(client, known);
      const result = cause === undefined ? await publish(known, options, terminal) : await run(client, known, cause, options);
      const { out, err } = terminal.colours;
      printAnswer(terminal, options, result, () =>
        result.event === null
          ? `${out.yellow("coming")}  ${known}  ${result.what}`
          : [
              out.green(result.origin),
              printable(result.event.id),
              known,
              ...(result.event.account === undefined ? [] : [result.event.account]),
              result.what,
            ]
              .filter((part) => part !== "")
              .join("  "),
      );
      if (result.event === null)
        terminal.tell(
          err.dim(`It comes with time: ${nextCommand(`clock advance ${cause?.later ?? "7d"}`, asOwner(options), terminal.env)}`),
        );
      else
        terminal.tell(err.dim(`How it ends: ${nextCommand(`deliveries list --event ${result.event.id}`, asOwner(options), terminal.env)}`));
    });
}

/** A type of the catalogue. Throws a usage error that suggests similar types. */
function typeOf(type: string | undefined): EventType {
  if (type === undefined)
    throw new CommandFailure("Say which type of event.", {
      advice: "List every type with `carabiner trigger --list`.",
      exitCode: EXIT_CODES.usage,
    });
  if (!isEventType(type)) throw unknownType(type);
  return type;
}

interface Triggered {
  origin: Origin;
  /** What happened, in words. */
  what: string;
  event: EventAnswer | null;
}

/**
 * Throws where live mode is real, as in `serve`: causes need test cards and test helpers, and would leave an account
 * behind before the server refuses them.
 */
async function checkPretended(client: ApiClient, type: EventType): Promise<void> {
  try {
    await client.get("/v1/test_helpers/clock");
  } catch (error) {
    if (!(error instanceof CommandFailure) || error.refusal?.status !== 404) throw error;
    throw uncausable(`This server's live mode is real, so ${type} cannot be caused there.`, error);
  }
}

const uncausable = (message: string, cause: unknown): CommandFailure =>
  new CommandFailure(message, { advice: "Publish one with a sample object, with --publish, or leave out --live.", cause });

/** Causes the event and finds it: the newest of its type, unless it already existed. */
async function run(client: ApiClient, type: EventType, cause: Cause, options: TriggerOptions): Promise<Triggered> {
  const newest = async (): Promise<EventAnswer | undefined> =>
    (await client.get<List<EventAnswer>>("/console/events", { type, limit: 1 })).data[0];
  const before = await newest();
  try {
    await cause.run(createStage(client, options.account ?? null, options.set ?? []));
  } catch (error) {
    if (options.live === true && error instanceof CommandFailure && TEST_CARD.test(error.message))
      throw uncausable(`Live mode has no test cards, so ${type} cannot be caused there.`, error);
    throw error;
  }
  const after = await newest();
  if (after !== undefined && after.id !== before?.id) return { origin: "caused", what: cause.what, event: after };
  if (cause.later !== undefined) return { origin: "coming", what: cause.what, event: null };
  throw new CommandFailure(`No ${type} followed: ${cause.what}, and the server recorded none.`, {
    advice: "Publish one instead, with --publish.",
  });
}

async function publish(type: EventType, options: TriggerOptions, terminal: Terminal): Promise<Triggered> {
  const livemode = options.live === true;
  const object = withOverrides(sampleObject(type, Math.floor(terminal.now() / 1_000), livemode), options.set ?? []);
  const event = await clientOf(options, terminal).postJson<EventAnswer>("/v1/events", { type, data: { object } });
  return { origin: "published", what: "with a sample object", event };
}
