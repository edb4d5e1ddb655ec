import { type Command, InvalidArgumentError, Option } from "commander";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { clientOf, printAnswer, type ServerOptions, withServerOptions } from "../options/server-options.ts";
import { formatDuration, parseDuration } from "../output/duration.ts";
import type { Terminal } from "../output/terminal.ts";
import { formatTimestamp, parseTimestamp } from "../output/timestamp.ts";

interface ClockAnswer {
  /** Unix seconds. */
  now: number;
  frozen: boolean;
}

/** Adds `carabiner clock`. */
export function registerClock(program: Command, terminal: Terminal): void {
  const clock = program.command("clock").description("the clock of a development server: show it, turn it, stop it");
  const show = (options: ServerOptions, answer: ClockAnswer): void =>
    printAnswer(terminal, options, answer, () => describeClock(answer, terminal));

  withServerOptions(clock.command("show").description("what time it is on the server"))
    .addHelpText("after", "\nExample:\n  carabiner clock show\n")
    .action(async (options: ServerOptions) => show(options, await clientOf(options, terminal).get<ClockAnswer>("/v1/test_helpers/clock")));

  withServerOptions(
    clock
      .command("advance")
      .description("turn the clock forward; everything due on the way happens, each thing at its own time")
      .argument("[duration]", "by this much: 90s, 5m, 2h30m, 3d", parseAdvance)
      .addOption(new Option("--to <time>", "to this time instead: Unix seconds, or 2026-03-01T12:00:00 in UTC").argParser(parseTime)),
  )
    .addHelpText("after", "\nExamples:\n  carabiner clock advance 3d\n  carabiner clock advance --to 2026-12-24\n")
    .action(async (seconds: number | undefined, options: ServerOptions & { to?: number }) => {
      if ((seconds === undefined) === (options.to === undefined)) {
        throw new CommandFailure("Say how far: a duration, or --to and a time.", {
          advice: "Such as `carabiner clock advance 3d`.",
          exitCode: EXIT_CODES.usage,
        });
      }
      show(options, await clientOf(options, terminal).post<ClockAnswer>("/v1/test_helpers/clock/advance", { seconds, to: options.to }));
    });

  withServerOptions(clock.command("freeze").description("stop the clock where it stands"))
    .addHelpText("after", "\nExample:\n  carabiner clock freeze\n")
    .action(async (options: ServerOptions) =>
      show(options, await clientOf(options, terminal).post<ClockAnswer>("/v1/test_helpers/clock/freeze")),
    );

  withServerOptions(clock.command("release").description("let the clock run again, from where it stands"))
    .addHelpText("after", "\nExample:\n  carabiner clock release\n")
    .action(async (options: ServerOptions) =>
      show(options, await clientOf(options, terminal).post<ClockAnswer>("/v1/test_helpers/clock/release")),
    );
}

function describeClock({ now, frozen }: ClockAnswer, terminal: Terminal): string {
  const ahead = toTheMinute(Math.round(now - terminal.now() / 1000));
  const offset = Math.abs(ahead) < 2 ? "" : `, ${formatDuration(ahead)} ${ahead > 0 ? "ahead of" : "behind"} this machine`;
  return `${formatTimestamp(now)} UTC  ${terminal.colours.out.dim(`(${frozen ? "frozen" : "running"}${offset})`)}`;
}

/**
 * Rounds to whole minutes when it is only off by the second or two that the answer took, so that an hour shows as `1h`.
 */
function toTheMinute(seconds: number): number {
  const whole = Math.round(seconds / 60) * 60;
  return whole !== 0 && Math.abs(seconds - whole) <= 2 ? whole : seconds;
}

function parseAdvance(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === null) throw new InvalidArgumentError("It must be a time such as 90s, 5m, 2h30m or 3d.");
  return seconds;
}

function parseTime(text: string): number {
  const seconds = parseTimestamp(text);
  if (seconds === null) throw new InvalidArgumentError("It must be Unix seconds or a time such as 2026-03-01T12:00:00.");
  return seconds;
}
