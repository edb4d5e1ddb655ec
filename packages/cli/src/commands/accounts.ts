import type { Command } from "commander";
import type { ApiClient, List } from "../api/api-client.ts";
import { type ListOptions, pageOf, printList, withListOptions } from "../api/list-answer.ts";
import { asOwner, clientOf, printAnswer, type ServerOptions, withServerOptions } from "../options/server-options.ts";
import { tableText } from "../options/table-options.ts";
import { serverTime } from "../options/time-filter.ts";
import { formatDuration } from "../output/duration.ts";
import { printable } from "../output/printable.ts";
import { type Column, formatFields } from "../output/table.ts";
import type { Colours, Terminal } from "../output/terminal.ts";
import { formatTimestamp } from "../output/timestamp.ts";
import { addAccountErasure } from "./erase.ts";

interface Requirements {
  currently_due?: string[] | null;
  past_due?: string[] | null;
  eventually_due?: string[] | null;
  pending_verification?: string[] | null;
  current_deadline?: number | null;
  disabled_reason?: string | null;
  errors?: { requirement: string; reason: string }[] | null;
}

interface AccountAnswer {
  id: string;
  type?: string;
  country?: string;
  email?: string | null;
  created?: number;
  charges_enabled: boolean;
  payouts_enabled: boolean;
  details_submitted: boolean;
  capabilities?: Record<string, string>;
  requirements?: Requirements;
}

/** A requirement of an account. */
interface Due {
  field: string;
  /** How urgent it is. */
  state: "past due" | "due" | "pending";
  /** Unix seconds; null when it is older than the events that are kept. */
  since: number | null;
  /** The deadline; null when there is none. */
  by: number | null;
  /** Why the given value is not enough, in words. */
  why: string | null;
}

/** How many of an account's changes are read to find out when something became due. */
const CHANGES_LOOKED_AT = 100;

/** Adds `carabiner accounts`. */
export function registerAccounts(program: Command, terminal: Terminal): void {
  const accounts = program.command("accounts").description("connected accounts: what they may do, and what is due");
  const { out } = terminal.colours;

  withListOptions(accounts.command("list").description("list connected accounts, newest first"))
    .addHelpText("after", "\nExamples:\n  carabiner accounts list\n  carabiner accounts list --columns id,due,deadline\n")
    .action(async (options: ListOptions) => {
      const answer = await clientOf(options, terminal).get<List<AccountAnswer>>("/v1/accounts", pageOf(options));
      printList(terminal, options, answer, accountColumns(out), "No connected accounts.");
    });

  withServerOptions(
    accounts
      .command("show")
      .alias("get")
      .description("show an account: what is due, since when, and by when")
      .argument("<account>", "its id, acct_…"),
  )
    .addHelpText("after", "\nExample:\n  carabiner accounts show acct_1abc\n")
    .action(async (id: string, options: ServerOptions) => {
      const client = clientOf(asOwner(options), terminal);
      const account = await client.get<AccountAnswer>(`/v1/accounts/${encodeURIComponent(id)}`);
      const due = dueOf(account, await changesOf(client, id));
      const now = await serverTime(client, terminal);
      printAnswer(terminal, options, { ...account, due }, () => describeAccount(account, due, now, terminal));
    });

  addAccountErasure(accounts, terminal);
}

/** An account's requirements, the most urgent first. `changes` are its `account.updated` events, newest first. Pure. */
function dueOf({ requirements = {}, created }: AccountAnswer, changes: readonly Change[]): Due[] {
  const past = requirements.past_due ?? [];
  const due = (requirements.currently_due ?? []).filter((field) => !past.includes(field));
  const pending = requirements.pending_verification ?? [];
  const by = requirements.current_deadline ?? null;
  const one = (state: Due["state"], fields: readonly string[]): Due[] =>
    fields.map((field) => ({
      field,
      state,
      since: state === "pending" ? null : dueSince(field, changes, created ?? null),
      by: state === "pending" ? null : by,
      why: requirements.errors?.find(({ requirement }) => requirement === field)?.reason ?? null,
    }));
  return [...one("past due", past), ...one("due", due), ...one("pending", pending)];
}

/** A change of an account: its time, and what was due after it. */
interface Change {
  created: number;
  data: { object: { requirements?: Requirements } };
}

/**
 * The earliest change after which the field was due without a gap until now. The account's creation if the field was
 * due after every change.
 */
function dueSince(field: string, changes: readonly Change[], accountCreated: number | null): number | null {
  let since: number | null = null;
  for (const { created, data } of changes) {
    const { currently_due: due, past_due: past } = data.object.requirements ?? {};
    if (!due?.includes(field) && !past?.includes(field)) return since;
    since = created;
  }
  return changes.length < CHANGES_LOOKED_AT ? accountCreated : null;
}

async function changesOf(client: ApiClient, account: string): Promise<Change[]> {
  const query = { account, type: "account.updated", limit: CHANGES_LOOKED_AT };
  return (await client.get<List<Change>>("/console/events", query)).data;
}

function accountColumns(colours: Colours): Column<AccountAnswer>[] {
  return [
    { head: "ID", cell: ({ id }) => printable(id) },
    { head: "TYPE", cell: ({ type }) => printable(type ?? "-"), dropped: 4 },
    { head: "COUNTRY", cell: ({ country }) => printable(country ?? "-"), dropped: 5 },
    { head: "CHARGES", cell: (account) => onOff(account.charges_enabled, colours), dropped: 1 },
    { head: "PAYOUTS", cell: (account) => onOff(account.payouts_enabled, colours), dropped: 2 },
    { head: "DUE", cell: (account) => dueCount(account, colours) },
    { head: "DEADLINE (UTC)", cell: ({ requirements }) => formatTimestamp(requirements?.current_deadline ?? null), dropped: 3 },
    { head: "EMAIL", cell: ({ email }) => printable(email ?? "-"), cut: "end", dropped: 6 },
    { head: "CREATED (UTC)", cell: ({ created }) => formatTimestamp(created ?? null), dropped: 7 },
  ];
}

function dueCount({ requirements = {} }: AccountAnswer, colours: Colours): string {
  const past = requirements.past_due?.length ?? 0;
  const due = (requirements.currently_due?.length ?? 0) - past;
  if (past > 0) return colours.red(`${past} past due`);
  if (due > 0) return colours.yellow(`${due} due`);
  const pending = requirements.pending_verification?.length ?? 0;
  return pending > 0 ? `${pending} pending` : colours.green("nothing");
}

function onOff(on: boolean, colours: Colours): string {
  return on ? colours.green("on") : colours.red("off");
}

function describeAccount(account: AccountAnswer, due: readonly Due[], now: number, terminal: Terminal): string {
  const colours = terminal.colours.out;
  const capabilities = Object.entries(account.capabilities ?? {}).map(([name, status]) => `${printable(name)}  ${printable(status)}`);
  const fields = formatFields(
    [
      ["id", printable(account.id)],
      ["type", printable(account.type ?? "-")],
      ["country", printable(account.country ?? "-")],
      ["email", printable(account.email ?? "-")],
      ["charges", onOff(account.charges_enabled, colours)],
      ["payouts", onOff(account.payouts_enabled, colours)],
      ["capabilities", capabilities.join("\n") || "none asked for"],
      ...(typeof account.requirements?.disabled_reason === "string"
        ? [["disabled", colours.red(printable(account.requirements.disabled_reason))] as const]
        : []),
      ["created", `${formatTimestamp(account.created ?? null)} UTC`],
    ],
    colours.dim,
  );
  if (due.length === 0) return `${fields}\n\nNothing is due.`;
  return `${fields}\n\n${tableText(terminal, {}, dueColumns(now, colours), due)}`;
}

function dueColumns(now: number, { red, yellow, dim }: Colours): Column<Due>[] {
  const dress = { "past due": red, due: yellow, pending: dim };
  return [
    { head: "WHAT", cell: ({ field }) => printable(field) },
    { head: "STATE", cell: ({ state }) => dress[state](state) },
    { head: "SINCE (UTC)", cell: ({ since }) => formatTimestamp(since), dropped: 2 },
    { head: "BY (UTC)", cell: ({ by }) => (by === null ? "-" : `${formatTimestamp(by)} (${whenIs(by, now)})`), dropped: 1 },
    { head: "WHY", cell: ({ why }) => printable(why ?? ""), cut: "end" },
  ];
}

function whenIs(at: number, now: number): string {
  return at >= now ? `in ${formatDuration(at - now)}` : `${formatDuration(now - at)} ago`;
}
