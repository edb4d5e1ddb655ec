import { signatureHeader, WEBHOOK_HEADERS } from "@carabiner/protocol";
import type { Command } from "commander";
import { followList } from "../api/follow-list.ts";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { placeOption, webhookSecretOf, withWebhookSecretOption } from "../options/forward-options.ts";
import { asOwner, clientOf, type ServerOptions, withServerOptions } from "../options/server-options.ts";
import { inColumn, lineColumns, shortened, wrapped } from "../output/fit-line.ts";
import { printable } from "../output/printable.ts";
import { type Terminal, untilStopped } from "../output/terminal.ts";
import { warnOfUnknownTypes } from "../unknown-type.ts";

/** How long a receiver may take to answer. */
const ANSWER_MS = 30_000;
const STATUS_CHARS = 3;
const GAP = "  ";
/** How many events are sent at once. */
const AT_ONCE = 8;

interface ListenOptions extends ServerOptions {
  forwardTo?: string;
  forwardConnectTo?: string;
  events?: string;
  printSecret?: true;
  webhookSecretFile?: string;
}

interface EventAnswer {
  id: string;
  type: string;
  account?: string;
  livemode: boolean;
  deliveries?: unknown;
}

/** Adds `carabiner listen`. */
export function registerListen(program: Command, terminal: Terminal): void {
  withServerOptions(
    withWebhookSecretOption(
      program
        .command("listen")
        .description("send events to receivers on this machine as they happen, also from a server that cannot reach it, until Ctrl+C")
        .addOption(placeOption("--forward-to <url>", "post the account's own events here: 127.0.0.1:4242/webhook"))
        .addOption(placeOption("--forward-connect-to <url>", "post those of connected accounts here, instead of to --forward-to"))
        .option("--events <types>", "only these types, with commas between them; a group with a star, such as account.*")
        .option("--print-secret", "print the secret that signs, and end"),
    ),
    { account: "only what happened on this account, instead of on all that are connected" },
  )
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner listen --forward-to 127.0.0.1:4242/webhook\n  carabiner listen --url https://connect.example.com --events account.updated --forward-connect-to 4242/connect\n\nEach event is posted once, as it was recorded; an endpoint is what retries.\n",
    )
    .action(async (options: ListenOptions) => {
      const secret = webhookSecretOf(options.webhookSecretFile, terminal.env);
      if (options.printSecret === true) {
        terminal.print(options.json === true ? JSON.stringify({ secret }) : secret);
        return;
      }
      const own = options.forwardTo;
      const connect = options.forwardConnectTo ?? own;
      if (own === undefined && connect === undefined)
        throw new CommandFailure("Say where to: --forward-to URL, or --forward-connect-to URL.", { exitCode: EXIT_CODES.usage });
      const types = options.events?.split(",").map((type) => type.trim());
      warnOfUnknownTypes(types ?? [], terminal);
      const client = clientOf(asOwner(options), terminal);
      const { dim } = terminal.colours.err;
      await untilStopped(terminal, async (signal) => {
        const underWay = new Set<Promise<void>>();
        const query = { account: options.account, payload: "snapshot" };
        const onReady = (): void => terminal.tell(dim(`Ready. What is posted is signed with ${secret}. Ctrl+C stops it.`));
        for await (const event of followList<EventAnswer>({ client, path: "/console/events", query, terminal, signal, onReady })) {
          const to = event.account === undefined ? own : connect;
          if (to === undefined || (types !== undefined && !types.some((type) => includesType(type, event.type)))) continue;
          const posting = forward(event, to, secret, options, terminal).finally(() => underWay.delete(posting));
          underWay.add(posting);
          if (underWay.size >= AT_ONCE) await Promise.race(underWay);
        }
        await Promise.all(underWay);
      });
    });
}

function includesType(asked: string, type: string): boolean {
  return asked === type || (asked.endsWith("*") && type.startsWith(asked.slice(0, -1)));
}

/** Posts one event like a delivery, and prints the answer. */
async function forward(event: EventAnswer, to: string, secret: string, options: ListenOptions, terminal: Terminal): Promise<void> {
  const { deliveries: _, ...content } = event;
  const body = Buffer.from(JSON.stringify(content, null, 2));
  const timestamp = Math.floor(terminal.now() / 1_000);
  const headers = {
    ...WEBHOOK_HEADERS,
    "stripe-signature": signatureHeader({ timestamp, body, secrets: [secret], dummy: !event.livemode }),
  };
  let status: number | null = null;
  let reason: string | null = null;
  try {
    const response = await fetch(to, { method: "POST", headers, body, redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS) });
    status = response.status;
    await response.body?.cancel();
  } catch (error) {
    reason = whyUnanswered(error as Error);
  }
  if (options.json === true)
    terminal.print(JSON.stringify({ event: event.id, type: event.type, account: event.account ?? null, to, status, reason }));
  else terminal.print(lineOf(event, { to, status, reason }, terminal));
  await terminal.printed();
}

/** A posted event as a line, within the width of a terminal. The reason for a missing answer is below it. */
function lineOf(
  { id, type, account }: EventAnswer,
  { to, status, reason }: { to: string; status: number | null; reason: string | null },
  terminal: Terminal,
): string {
  const { green, red, dim } = terminal.colours.out;
  const width = terminal.width();
  const taken = STATUS_CHARS + GAP.length;
  const columns = lineColumns(width, taken, { took: false });
  const limited = width !== null;
  const delivered = status !== null && status >= 200 && status < 300;
  const line = [
    (delivered ? green : red)((status === null ? "-" : String(status)).padStart(STATUS_CHARS)),
    inColumn(type, columns.type, limited),
    ...(columns.account === null ? [] : [dim(inColumn(account ?? "", columns.account, limited))]),
    printable(id),
    ...(columns.place === null ? [] : [columns.place === Number.POSITIVE_INFINITY ? to : shortened(to, columns.place)]),
  ].join(GAP);
  if (reason === null) return line;
  if (width === null) return [line, red(printable(reason))].join(GAP);
  const below = wrapped([{ text: printable(reason), dress: red }], width - taken);
  return [line, ...below.map((text) => " ".repeat(taken) + text)].join("\n");
}

/** Why a receiver gave no answer, and what to do about it. */
function whyUnanswered(error: Error): string {
  if (error.name === "TimeoutError") return `The receiver gave no answer within ${ANSWER_MS / 1_000} s.`;
  const { code, message } = (error.cause ?? {}) as { code?: string; message?: string };
  if (code === "ECONNREFUSED") return "Nothing listens there (ECONNREFUSED): start the receiver, or check the port.";
  if (message === "bad port") return "Browsers and fetch refuse this port: let the receiver listen on another.";
  return code || message || error.message;
}
