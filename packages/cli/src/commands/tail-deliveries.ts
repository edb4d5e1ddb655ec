import type { Activity } from "@carabiner/server";
import { type Command, Option } from "commander";
import type { ApiClient, List } from "../api/api-client.ts";
import { followList } from "../api/follow-list.ts";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { asOwner, clientOf, type ServerOptions, withServerOptions } from "../options/server-options.ts";
import { serverTime } from "../options/time-filter.ts";
import { activityLines } from "../output/activity-lines.ts";
import type { Delivery } from "../output/delivery.ts";
import { DeliveryWatch } from "../output/delivery-watch.ts";
import { type Terminal, untilStopped } from "../output/terminal.ts";

/** The most deliveries whose next attempts are followed. Any others get only their first line. */
const WATCHED = 1_000;

interface TailOptions extends ServerOptions {
  endpoint?: string;
  state?: string;
}

/** Adds `carabiner deliveries tail`. */
export function registerTail(deliveries: Command, terminal: Terminal): void {
  withServerOptions(
    deliveries
      .command("tail")
      .description("print a line for each attempt as it happens, until Ctrl+C")
      .option("--endpoint <we>", "to this endpoint")
      .addOption(
        new Option("--state <state>", "only what ends so").choices(["pending", "succeeded", "exhausted", "cancelled", "quarantined"]),
      ),
    { account: "only what happened on this account, instead of on all that are connected" },
  )
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner deliveries tail\n  carabiner deliveries tail --state exhausted --json\n\nWith --json each line is a delivery.\n",
    )
    .action(async (options: TailOptions) => {
      const client = clientOf(asOwner(options), terminal);
      const urls = await endpointUrls(client);
      await untilStopped(terminal, async (signal) => {
        const watch = new DeliveryWatch(WATCHED);
        const lineOf = activityLines({ colours: terminal.colours.out, width: terminal.width });
        const show = async (delivery: Delivery): Promise<void> => {
          if (!watch.take(delivery) || (options.state !== undefined && delivery.state !== options.state)) return;
          terminal.print(options.json === true ? JSON.stringify(delivery) : lineOf(activityOf(delivery, urls)));
          await terminal.printed();
        };
        const lookAgain = async (): Promise<void> => {
          if (watch.size === 0) return;
          for (const id of watch.due(await serverTime(client, terminal))) {
            if (signal.aborted) return;
            const delivery = await found(client, id);
            if (delivery === null) watch.forget(id);
            else await show(delivery);
          }
        };
        const onReady = (): void => terminal.tell(terminal.colours.err.dim("Ready. Ctrl+C stops it."));
        const query = { endpoint: options.endpoint, account: options.account };
        const followed = { client, path: "/console/deliveries", query, terminal, signal, onReady, onCaughtUp: lookAgain };
        for await (const delivery of followList<Delivery>(followed)) await show(delivery);
      });
    });
}

/** The URLs of the endpoints that exist at the start; others are shown by id. */
async function endpointUrls(client: ApiClient): Promise<ReadonlyMap<string, string>> {
  const { data } = await client.get<List<{ id: string; url: string }>>("/console/webhook_endpoints", { limit: 100 });
  return new Map(data.map(({ id, url }) => [id, url]));
}

async function found(client: ApiClient, id: string): Promise<Delivery | null> {
  try {
    return await client.get<Delivery>(`/console/deliveries/${encodeURIComponent(id)}`);
  } catch (error) {
    if (error instanceof CommandFailure && error.exitCode === EXIT_CODES.notFound) return null;
    throw error;
  }
}

/** The content of a delivery's line: its last attempt, or what it is waiting for. */
function activityOf(delivery: Delivery, urls: ReadonlyMap<string, string>): Activity {
  const { last_attempt: last, state } = delivery;
  const about = {
    at: (last?.at ?? delivery.created) * 1_000,
    delivery: delivery.id,
    deliveryKind: delivery.kind,
    event: delivery.event,
    type: delivery.event_type,
    account: delivery.account,
    livemode: delivery.livemode,
    endpoint: delivery.webhook_endpoint,
    url: urls.get(delivery.webhook_endpoint) ?? delivery.webhook_endpoint,
  };
  if (state === "cancelled") return { kind: "cancelled", ...about };
  return {
    kind: "attempt",
    ...about,
    number: delivery.attempt_count,
    durationMs: last?.duration_ms ?? 0,
    outcome: last?.outcome ?? state,
    status: last?.status ?? null,
    reason: delivery.reason ?? last?.reason ?? "It is not tried yet.",
    state: state === "quarantined" ? "pending" : state,
    nextAttemptAt: delivery.next_attempt_at === null ? null : delivery.next_attempt_at * 1_000,
  };
}
