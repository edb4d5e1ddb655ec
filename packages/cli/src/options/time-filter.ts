import { type Command, InvalidArgumentError, Option } from "commander";
import type { ApiClient } from "../api/api-client.ts";
import { CommandFailure } from "../command-failure.ts";
import { parseDuration } from "../output/duration.ts";
import type { Terminal } from "../output/terminal.ts";
import { parseTimestamp } from "../output/timestamp.ts";

/** A typed time: fixed, or relative to now. Unix seconds in, Unix seconds out. */
export interface TypedTime {
  /** As it was typed. */
  text: string;
  relative: boolean;
  at(now: number): number;
}

/** The options of a list that can be narrowed by time. */
export interface TimeOptions {
  since?: TypedTime;
  until?: TypedTime;
}

const FORMS = "1h, 2d, 2026-03-01T12:00 (UTC) or Unix seconds";

/** Adds `--since` and `--until`. */
export function withTimeOptions(command: Command): Command {
  return command
    .addOption(new Option("--since <time>", `from then on: ${FORMS}`).argParser(parseTypedTime))
    .addOption(new Option("--until <time>", "up to then: the same forms").argParser(parseTypedTime));
}

/**
 * `2h` is two hours ago; numbers of nine digits or more are Unix seconds. Throws `InvalidArgumentError` for forms other
 * than `FORMS`.
 */
export function parseTypedTime(text: string): TypedTime {
  const ago = parseDuration(text);
  if (ago !== null && !/^\d{9,}$/.test(text.trim())) return { text, relative: true, at: (now) => Math.floor(now - ago) };
  const timestamp = parseTimestamp(text);
  if (timestamp === null) throw new InvalidArgumentError(`It must be ${FORMS}.`);
  return { text, relative: false, at: () => timestamp };
}

/**
 * The `created` parameter for these options; undefined when there are none. Relative times use the server's clock,
 * which may have been turned on a development server. Throws a failure when the end is before the beginning.
 */
export async function createdAsked(
  typed: TimeOptions,
  client: ApiClient,
  terminal: Pick<Terminal, "now">,
): Promise<{ gte?: number; lte?: number } | undefined> {
  const { since, until } = typed;
  if (since === undefined && until === undefined) return undefined;
  const relative = since?.relative === true || until?.relative === true;
  const now = relative ? await serverTime(client, terminal) : 0;
  const { since: gte, until: lte } = timesAsked(typed, now);
  return { ...(gte === undefined ? {} : { gte }), ...(lte === undefined ? {} : { lte }) };
}

/**
 * The times of these options in Unix seconds; `now` is the time of the clock that relative times use. Throws a failure
 * when the end is before the beginning.
 */
export function timesAsked(typed: TimeOptions, now: number): { since?: number; until?: number } {
  const since = typed.since?.at(now);
  const until = typed.until?.at(now);
  if (since !== undefined && until !== undefined && since > until)
    throw new CommandFailure("--since is later than --until: nothing can be in between.", { exitCode: 2 });
  return { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
}

/** The server's time in Unix seconds: its own clock if it can be turned, otherwise this machine's. */
export async function serverTime(client: ApiClient, terminal: Pick<Terminal, "now">): Promise<number> {
  try {
    return (await client.get<{ now: number }>("/v1/test_helpers/clock")).now;
  } catch (error) {
    // A server on real time lacks this call, or refuses it.
    if (error instanceof CommandFailure && error.exitCode === 1) return Math.floor(terminal.now() / 1_000);
    throw error;
  }
}
