import type { Depth, HandlerDepth, Pruned, WorkFilter, WorkRow, WorkState } from "@carabiner/receiver";
import { type Command, InvalidArgumentError, Option } from "commander";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { type InboxOptions, withInbox, withInboxOptions } from "../opened-inbox.ts";
import { printAnswer } from "../options/server-options.ts";
import { type TableOptions, tableText, withTableOptions } from "../options/table-options.ts";
import { parseTypedTime, type TypedTime } from "../options/time-filter.ts";
import { formatDuration, parseDuration } from "../output/duration.ts";
import { printable } from "../output/printable.ts";
import { type Column, formatFields } from "../output/table.ts";
import type { Colours, Terminal } from "../output/terminal.ts";
import { formatTimestamp } from "../output/timestamp.ts";

const STATES: readonly WorkState[] = ["pending", "done", "dead", "discarded", "stale", "cancelled", "quarantined"];
/** How many rows one statement removes. */
const PRUNED_TOGETHER = 1_000;
/** How many work items of one event are shown. */
const SHOWN_WORK = 1_000;

interface ListOptions extends InboxOptions, TableOptions {
  state?: WorkState;
  handler?: string;
  event?: string;
  type?: string;
  account?: string;
  limit: number;
}

interface DeadOptions extends InboxOptions, TableOptions {
  handler?: string;
  type?: string;
  since?: TypedTime;
  limit: number;
}

interface RetryOptions extends DeadOptions {
  dead?: true;
  dryRun?: true;
  account?: string;
}

interface PruneOptions extends InboxOptions {
  olderThan: number;
  deadOlderThan?: number;
  quarantinedOlderThan?: number;
  marksOlderThan?: number;
}

/** Adds `carabiner inbox`. */
export function registerInbox(program: Command, terminal: Terminal): void {
  const inbox = program.command("inbox").description("the inbox of a receiver: what is waiting, what failed and why");
  const { out, err } = terminal.colours;

  function printWork(options: InboxOptions & TableOptions, rows: readonly WorkRow[], nothing: string): void {
    if (options.json !== true && rows.length === 0) terminal.tell(nothing);
    else printAnswer(terminal, options, rows, () => tableText(terminal, options, workColumns(out), rows));
  }

  withInboxOptions(
    withTableOptions(
      inbox
        .command("list")
        .description("list work, one row for each event and handler, newest event first")
        .addOption(new Option("--state <state>", "in this state").choices(STATES))
        .option("--handler <id>", "of this handler")
        .option("--event <evt>", "of this event")
        .option("--type <type>", "of events of this type")
        .option("--account <acct>", "of events of this connected account")
        .addOption(limitOption(20)),
    ),
  )
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner inbox list --inbox webhooks.db\n  carabiner inbox list --inbox postgres://app@db.internal/app --state pending --json\n",
    )
    .action((options: ListOptions) =>
      withInbox(options, terminal, async ({ inbox: opened }) => {
        const { state, handler, event: eventId, type, account, limit } = options;
        const filter = given<WorkFilter>({ state, handler, eventId, type, account });
        const none = Object.keys(filter).length === 0 ? "The inbox is empty." : "No such work is in the inbox.";
        printWork(options, await opened.work({ ...filter, limit }), none);
      }),
    );

  withInboxOptions(
    inbox
      .command("show")
      .description("show an event, and the state of its work for each handler")
      .argument("<event>", "its id, evt_…")
      .option("--body", "also show its body, which contains personal data"),
  )
    .addHelpText("after", "\nExample:\n  carabiner inbox show evt_1abc --inbox webhooks.db\n")
    .action((id: string, options: InboxOptions & { body?: true }) =>
      withInbox(options, terminal, async ({ inbox: opened }) => {
        const events = await opened.eventsById(id);
        if (events.length === 0) throw unknownEvent(id);
        const rows = await opened.work({ eventId: id, limit: SHOWN_WORK });
        const shown = events.map(({ body, ...event }) => ({
          ...event,
          ...(options.body === true ? { body: new TextDecoder().decode(body) } : {}),
          work: rows.filter(
            ({ event: of }) => of.account === event.account && of.livemode === event.livemode && of.source === event.source,
          ),
        }));
        printAnswer(terminal, options, shown, () => shown.map((event) => describeEvent(event, terminal)).join("\n\n"));
      }),
    );

  withInboxOptions(
    withTableOptions(withDeadOptions(inbox.command("dead").description("list dead letters: work that was given up, and why"), 20)),
  )
    .addHelpText("after", "\nExample:\n  carabiner inbox dead --inbox webhooks.db --handler connect:payout.failed --since 2d\n")
    .action((options: DeadOptions) =>
      withInbox(options, terminal, async ({ inbox: opened, now }) => {
        const { handler, type, since, limit } = options;
        const settledSince = since === undefined ? undefined : since.at(now / 1_000) * 1_000;
        const rows = await opened.work(given<WorkFilter>({ state: "dead", handler, type, settledSince, limit }));
        printWork(options, rows, "No dead letters.");
      }),
    );

  withInboxOptions(
    withDeadOptions(
      inbox
        .command("retry")
        .description("retry now: the dead or waiting work of one event, or all dead letters")
        .argument("[event]", "its id, evt_…")
        .option("--dead", "retry dead letters, oldest first, instead of one event")
        .option("--dry-run", "with --dead: only count them")
        .option("--account <acct>", "with an event: only that of this connected account"),
      1_000,
    ),
  )
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner inbox retry evt_1abc --inbox webhooks.db\n  carabiner inbox retry --dead --handler connect:payout.failed --since 2d --dry-run --inbox webhooks.db\n",
    )
    .action((id: string | undefined, options: RetryOptions) =>
      withInbox(options, terminal, async ({ inbox: opened, now }) => {
        const { handler, type, since, limit, dead, dryRun = false, account } = options;
        if ((id === undefined) === (dead === undefined)) throw usage("Name an event, or pass --dead.");
        if (id !== undefined) {
          if (dryRun || type !== undefined || since !== undefined) throw usage("--dry-run, --type and --since need --dead.");
          const retried = await opened.retry(given({ eventId: id, handler, account }), now);
          if (retried === 0 && (await opened.eventsById(id)).length === 0) throw unknownEvent(id);
          printAnswer(terminal, options, { retried }, () => `${retried} made due`);
          if (retried === 0) terminal.tell(err.dim(`${id} has no work that is dead or waiting for a retry.`));
          return;
        }
        if (account !== undefined) throw usage("--account needs an event.");
        const handlers = handler === undefined ? (await opened.depth()).handlers.map((one) => one.handler) : [handler];
        const asked = given({ handlers, type, since: since === undefined ? undefined : since.at(now / 1_000) * 1_000 });
        const retried = await opened.replayDead({ ...asked, handlers, now, limit, dryRun });
        printAnswer(terminal, options, { retried, dry_run: dryRun }, () => `${retried} ${dryRun ? "would be" : "made"} due`);
      }),
    );

  withInboxOptions(
    inbox
      .command("orphans")
      .description("list handlers that have work but are not registered by your program")
      .requiredOption("--registered <ids>", "the handlers that it registers, separated by commas"),
  )
    .addHelpText("after", "\nExample:\n  carabiner inbox orphans --registered connect:payout.failed,payouts --inbox webhooks.db\n")
    .action((options: InboxOptions & { registered: string }) =>
      withInbox(options, terminal, async ({ inbox: opened, now }) => {
        const registered = options.registered.split(",").map((name) => name.trim());
        const orphans = (await opened.depth()).handlers.filter(({ handler }) => !registered.includes(handler));
        if (options.json !== true && orphans.length === 0) terminal.tell("Every handler with work is registered.");
        else printAnswer(terminal, options, orphans, () => tableText(terminal, {}, handlerColumns(now), orphans));
        if (options.json !== true && orphans.length > 0)
          terminal.tell(err.dim("If you renamed a handler, give the new one its old name: { id, aliases: [old name] }."));
      }),
    );

  withInboxOptions(
    inbox
      .command("prune")
      .description("remove old settled events, and optionally discard work that has waited too long")
      .requiredOption("--older-than <duration>", "remove settled events that arrived longer ago than this, such as 35d", parseAge)
      .option("--dead-older-than <duration>", "discard dead letters that were given up longer ago than this", parseAge)
      .option("--quarantined-older-than <duration>", "discard quarantined work of events that arrived longer ago than this", parseAge)
      .option("--marks-older-than <duration>", "forget objects whose newest event happened longer ago than this", parseAge),
  )
    .addHelpText("after", "\nExample:\n  carabiner inbox prune --older-than 35d --dead-older-than 90d --inbox webhooks.db\n")
    .action((options: PruneOptions) =>
      withInbox(options, terminal, async ({ inbox: opened, now }) => {
        const before = (age: number | undefined): number | null => (age === undefined ? null : now - age);
        const all: Pruned = { events: 0, dead: 0, quarantined: 0, orphaned: 0, marks: 0 };
        for (;;) {
          const pruned = await opened.prune({
            now,
            receivedBefore: now - options.olderThan,
            deadBefore: before(options.deadOlderThan),
            quarantinedBefore: before(options.quarantinedOlderThan),
            // Only the program knows which handlers it registers.
            orphanedBefore: null,
            handlers: [],
            markedBefore: before(options.marksOlderThan),
            limit: PRUNED_TOGETHER,
          });
          for (const what of Object.keys(all) as (keyof Pruned)[]) all[what] += pruned[what];
          if (Object.values(pruned).every((count) => count < PRUNED_TOGETHER)) break;
        }
        const { events, dead, quarantined, marks } = all;
        const text = (): string =>
          formatFields(
            Object.entries({ events, "dead letters": dead, quarantined, objects: marks }).map(([what, count]) => [what, String(count)]),
            out.dim,
          );
        printAnswer(terminal, options, { events, dead, quarantined, marks }, text);
      }),
    );

  withInboxOptions(inbox.command("stats").description("count work by state and handler, and show how long the oldest has waited"))
    .addHelpText("after", "\nExample:\n  carabiner inbox stats --inbox webhooks.db\n")
    .action((options: InboxOptions) =>
      withInbox(options, terminal, async ({ inbox: opened, now }) => {
        const depth = await opened.depth({ settled: true });
        printAnswer(terminal, options, depth, () => describeDepth(depth, now, terminal));
      }),
    );
}

function unknownEvent(id: string): CommandFailure {
  return new CommandFailure(`The inbox has no event ${id}.`, {
    advice: "List what it has with `carabiner inbox list`.",
    exitCode: EXIT_CODES.notFound,
  });
}

function withDeadOptions(command: Command, limit: number): Command {
  return command
    .option("--handler <id>", "of this handler")
    .option("--type <type>", "of events of this type")
    .option("--since <time>", "given up from then on: 1h, 2d, 2026-03-01T12:00 (UTC) or Unix seconds", parseTypedTime)
    .addOption(limitOption(limit));
}

function limitOption(count: number): Option {
  return new Option("--limit <count>", "at most this many").default(count).argParser((text) => {
    const limit = Number(text);
    if (!Number.isInteger(limit) || limit < 1) throw new InvalidArgumentError("It must be a whole number of at least 1.");
    return limit;
  });
}

/** A duration in milliseconds. */
function parseAge(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === null) throw new InvalidArgumentError("It must be a duration such as 35d or 12h.");
  return seconds * 1_000;
}

function describeEvent(
  event: { id: string; type: string; account: string | null; livemode: boolean; endpoint: string; created: number; receivedAt: number } & {
    body?: string;
    work: readonly WorkRow[];
  },
  terminal: Terminal,
): string {
  const colours = terminal.colours.out;
  const fields = formatFields(
    [
      ["id", printable(event.id)],
      ["type", printable(event.type)],
      ["account", event.account === null ? "-" : printable(event.account)],
      ["mode", event.livemode ? "live" : "test"],
      ["endpoint", printable(event.endpoint)],
      ["created", `${formatTimestamp(event.created / 1_000)} UTC`],
      ["received", `${formatTimestamp(event.receivedAt / 1_000)} UTC`],
    ],
    colours.dim,
  );
  const work = event.work.length === 0 ? "No handler has work for it." : tableText(terminal, {}, workColumns(colours).slice(2), event.work);
  const body = event.body === undefined ? "" : `\n\n${printable(event.body, { lines: true })}`;
  return `${fields}\n\n${work}${body}`;
}

function describeDepth({ work, handlers }: Depth, now: number, terminal: Terminal): string {
  const { dim } = terminal.colours.out;
  const states = formatFields(
    STATES.map((state) => [state, String(work[state] ?? 0)]),
    dim,
  );
  return handlers.length === 0 ? states : `${states}\n\n${tableText(terminal, {}, handlerColumns(now), handlers)}`;
}

function workColumns(colours: Colours): Column<WorkRow>[] {
  return [
    { head: "EVENT", cell: ({ event }) => printable(event.id) },
    { head: "EVENT TYPE", cell: ({ event }) => printable(event.type) },
    { head: "HANDLER", cell: ({ handler }) => printable(handler) },
    { head: "STATE", cell: ({ state }) => stateIn(state, colours) },
    { head: "TRIES", cell: ({ attempts }) => String(attempts), align: "right", dropped: 1 },
    { head: "DUE (UTC)", cell: ({ state, dueAt }) => (state === "pending" ? formatTimestamp(dueAt / 1_000) : "-"), dropped: 2 },
    { head: "SETTLED (UTC)", cell: ({ settledAt }) => formatTimestamp(settledAt === null ? null : settledAt / 1_000), dropped: 3 },
    { head: "WHY", cell: ({ error }) => (error === null ? "-" : printable(error.split("\n")[0] ?? "")), cut: "end" },
  ];
}

function stateIn(state: WorkState, { yellow, green, red, dim }: Colours): string {
  if (state === "pending") return yellow(state);
  if (state === "done") return green(state);
  return (state === "dead" || state === "quarantined" ? red : dim)(state);
}

function handlerColumns(now: number): Column<HandlerDepth>[] {
  return [
    { head: "HANDLER", cell: ({ handler }) => printable(handler) },
    { head: "PENDING", cell: ({ pending }) => String(pending), align: "right" },
    { head: "DEAD", cell: ({ dead }) => String(dead), align: "right" },
    { head: "QUARANTINED", cell: ({ quarantined }) => String(quarantined), align: "right" },
    {
      head: "OLDEST WAITS",
      cell: ({ oldestPendingAt: at }) => (at === null ? "-" : formatDuration(Math.max(0, now - at) / 1_000)),
      align: "right",
    },
  ];
}

/** The values that are defined. */
function given<T extends object>(values: { [Name in keyof T]?: T[Name] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

function usage(message: string): CommandFailure {
  return new CommandFailure(message, { exitCode: EXIT_CODES.usage });
}
