import { type Command, InvalidArgumentError, Option } from "commander";
import type { List } from "../api/api-client.ts";
import { askOperator } from "../api/ask-operator.ts";
import { printOperatorList } from "../api/operator-list.ts";
import { platformAsked } from "../api/platform-asked.ts";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { apiVersionOption } from "../options/api-version-option.ts";
import { mccOption } from "../options/mcc-option.ts";
import { type OperatorOptions, operatedPlace, withOperatorOptions } from "../options/operator-options.ts";
import { jsonOption, printAnswer } from "../options/server-options.ts";
import { prepare } from "../options/store-options.ts";
import { formatDuration, parseDuration } from "../output/duration.ts";
import { printable } from "../output/printable.ts";
import { formatFields } from "../output/table.ts";
import type { Terminal } from "../output/terminal.ts";
import { formatTimestamp } from "../output/timestamp.ts";
import { startFailure } from "../start-failure.ts";

interface PlatformAnswer {
  id: string;
  api_version: string;
  client_ids: { test: string; live: string };
  country: string;
  created: number;
  default_mcc: string | null;
  name: string;
  settings: {
    events_kept_seconds: number;
    endpoint_warning_seconds: number;
    endpoint_disable_seconds: number;
    own: string[];
  };
}

interface KeyPair {
  secret: string;
  publishable: string;
}

type StoredCommandOptions = OperatorOptions & { json?: true };

/** The options that describe a platform. */
interface PlatformOptions {
  name?: string;
  country?: string;
  defaultMcc?: string;
  apiVersion?: string;
}

/** The argument that names a platform. */
const PLATFORM = "its account, acct_…; not needed when there is one platform";

/** Adds the operator's commands to `carabiner platforms`. They work with and without a running server. */
export function addOperatedPlatforms(platforms: Command, terminal: Terminal): void {
  addCreate(platforms, terminal);

  withOperatorOptions(platforms.command("list").description("list platforms, newest first"))
    .addOption(new Option("--starting-after <id>", "the page after this one"))
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  carabiner platforms list --data /var/lib/carabiner\n")
    .action(async (options: StoredCommandOptions & { startingAfter?: string }) => {
      await askOperator(operatedPlace(options, terminal.env), terminal, async (client) => {
        const after = options.startingAfter === undefined ? "" : `&starting_after=${encodeURIComponent(options.startingAfter)}`;
        const answer = await client.get<List<PlatformAnswer>>(`/operator/platforms?limit=100${after}`);
        printOperatorList(
          terminal,
          options,
          answer,
          [
            { head: "PLATFORM", cell: ({ id }) => printable(id) },
            { head: "NAME", cell: ({ name }) => printable(name) },
            { head: "COUNTRY", cell: ({ country }) => printable(country) },
            { head: "API VERSION", cell: ({ api_version: version }) => printable(version) },
            { head: "CREATED (UTC)", cell: ({ created }) => formatTimestamp(created) },
          ],
          options.startingAfter === undefined ? "No platforms." : "No more platforms.",
        );
      });
    });

  withOperatorOptions(platforms.command("show").description("show a platform").argument("[platform]", PLATFORM))
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  carabiner platforms show acct_1Q0aB2cD3eF4gH --data /var/lib/carabiner\n")
    .action(async (named: string | undefined, options: StoredCommandOptions) => {
      await askOperator(operatedPlace(options, terminal.env), terminal, async (client) => {
        const id = await platformAsked(client, named, "by its id");
        const platform = await client.get<PlatformAnswer>(`/operator/platforms/${encodeURIComponent(id)}`);
        printPlatform(platform, options, terminal);
      });
    });

  withOperatorOptions(
    platforms
      .command("update")
      .description("change a platform's name, defaults, retention, or what a failing endpoint leads to; says what follows")
      .argument("[platform]", PLATFORM)
      .option("--name <name>", "the name its connected accounts see"),
  )
    .addOption(settingOption("--keep-events <time>", "keep its events, and those of accounts that it created, for this long: 7d"))
    .addOption(settingOption("--warn-failing-after <time>", "warn of an endpoint that has failed for this long: 1d"))
    .addOption(settingOption("--disable-failing-after <time>", "disable an endpoint that has failed for this long: 3d; or never"))
    .option("--dry-run", "say what would follow, and change nothing")
    .addOption(mccOption())
    .addOption(apiVersionOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nThe word server in place of a time goes back to what the server's limits say.\n\nExamples:\n  carabiner platforms update acct_1Q0aB2cD3eF4gH --name Acme --data /var/lib/carabiner\n  carabiner platforms update acct_1Q0aB2cD3eF4gH --keep-events 7d --disable-failing-after never --dry-run --data /var/lib/carabiner\n",
    )
    .action(async (named: string | undefined, options: StoredCommandOptions & PlatformOptions & SettingOptions & { dryRun?: true }) => {
      const kept = operatedPlace(options, terminal.env);
      const asked = given(options);
      const settings = settingsGiven(options);
      if (Object.keys(asked).length + Object.keys(settings).length === 0)
        throw new CommandFailure(
          "Say what to change, with --name, --default-mcc, --api-version, --keep-events, --warn-failing-after or --disable-failing-after.",
          { exitCode: EXIT_CODES.usage },
        );
      await checked(asked);
      await askOperator(kept, terminal, async (client) => {
        const id = await platformAsked(client, named, "by its id");
        const changes = { ...asParameters(asked), ...settings, ...(options.dryRun === true ? { dry_run: true } : {}) };
        const platform = await client.post<PlatformAnswer & { effects: string[] }>(
          `/operator/platforms/${encodeURIComponent(id)}`,
          changes,
        );
        printPlatform(platform, options, terminal);
        for (const effect of platform.effects ?? []) terminal.tell(printable(effect));
        if (options.dryRun === true) terminal.tell("Nothing was changed.");
      });
    });
}

function addCreate(platforms: Command, terminal: Terminal): void {
  withOperatorOptions(
    platforms
      .command("create")
      .description("create a platform, while the server runs or not; prints its keys, once")
      .requiredOption("--name <name>", "the name its connected accounts see"),
  )
    .addOption(new Option("--country <code>", "its country, two letters").default("US").argParser(parseCountry))
    .addOption(mccOption())
    .addOption(apiVersionOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  carabiner platforms create --name Acme --data /var/lib/carabiner\n")
    .action(async (options: StoredCommandOptions & PlatformOptions) => {
      const place = operatedPlace(options, terminal.env, { mayCreate: true });
      const { bold, dim } = terminal.colours.out;
      const asked = given(options);
      await checked(asked);
      if ("store" in place) await prepare(place);
      await askOperator(place, terminal, async (client) => {
        const platform = await client.post<PlatformAnswer & { keys: { test: KeyPair; live: KeyPair } }>(
          "/operator/platforms",
          asParameters(asked),
        );
        const { id: account, client_ids: applications, keys } = platform;
        printAnswer(terminal, options, { account, applications, keys }, () =>
          formatFields(
            [
              ["account", account],
              ["test client id", applications.test],
              ["live client id", applications.live],
              ["test keys", `${bold(keys.test.secret)}\n${keys.test.publishable}`],
              ["live keys", `${bold(keys.live.secret)}\n${keys.live.publishable}`],
            ],
            dim,
          ),
        );
        terminal.tell(terminal.colours.err.dim("The keys are shown this once: only their hashes are kept."));
      });
    });
}

/** The given options of a platform. */
function given({ name, country, defaultMcc, apiVersion }: PlatformOptions): PlatformOptions {
  return {
    ...(name === undefined ? {} : { name }),
    ...(country === undefined ? {} : { country }),
    ...(defaultMcc === undefined ? {} : { defaultMcc }),
    ...(apiVersion === undefined ? {} : { apiVersion }),
  };
}

/** Checks the options before anything is opened. The failure names the flag. */
async function checked(asked: PlatformOptions): Promise<void> {
  const { checkPlatform } = await import("@carabiner/server");
  try {
    checkPlatform(asked);
  } catch (error) {
    throw startFailure(error, { command: "platforms", host: "", port: 0, database: null }) ?? error;
  }
}

/** The options for a platform's own settings. */
interface SettingOptions {
  keepEvents?: number | "";
  warnFailingAfter?: number | "";
  disableFailingAfter?: number | "";
}

/** An option for a time in seconds; the empty string means the server's limit. */
function settingOption(flags: string, does: string): Option {
  const never = flags.startsWith("--disable");
  return new Option(flags, does).argParser((text: string): number | "" => {
    if (text === "server") return "";
    if (text === "never" && never) return 0;
    const seconds = parseDuration(text);
    if (seconds === null) throw new InvalidArgumentError(`It must be a time such as 7d or 12h, or server${never ? ", or never" : ""}.`);
    return seconds;
  });
}

function settingsGiven({ keepEvents, warnFailingAfter, disableFailingAfter }: SettingOptions): object {
  return {
    ...(keepEvents === undefined ? {} : { events_kept_seconds: keepEvents }),
    ...(warnFailingAfter === undefined ? {} : { endpoint_warning_seconds: warnFailingAfter }),
    ...(disableFailingAfter === undefined ? {} : { endpoint_disable_seconds: disableFailingAfter }),
  };
}

function asParameters({ defaultMcc, apiVersion, ...rest }: PlatformOptions): object {
  return {
    ...rest,
    ...(defaultMcc === undefined ? {} : { default_mcc: defaultMcc }),
    ...(apiVersion === undefined ? {} : { api_version: apiVersion }),
  };
}

function printPlatform(platform: PlatformAnswer, options: StoredCommandOptions, terminal: Terminal): void {
  printAnswer(terminal, options, platform, () =>
    formatFields(
      [
        ["account", printable(platform.id)],
        ["name", printable(platform.name)],
        ["country", printable(platform.country)],
        ["default MCC", printable(platform.default_mcc ?? "none")],
        ["API version", printable(platform.api_version)],
        ["events kept", settingText(platform, "events_kept_seconds")],
        ["failing endpoint", `warned of after: ${settingText(platform, "endpoint_warning_seconds")}`],
        ["", `disabled after: ${settingText(platform, "endpoint_disable_seconds")}`],
        ["test client id", printable(platform.client_ids?.test)],
        ["live client id", printable(platform.client_ids?.live)],
        ["created (UTC)", formatTimestamp(platform.created)],
      ],
      terminal.colours.out.dim,
    ),
  );
}

/** A setting in words, with whether it is the platform's own. */
function settingText({ settings }: PlatformAnswer, name: Exclude<keyof PlatformAnswer["settings"], "own">): string {
  const seconds = settings?.[name];
  if (seconds === undefined) return "-";
  const text = name === "endpoint_disable_seconds" && seconds === 0 ? "never" : formatDuration(seconds);
  return settings?.own?.includes(name) === true ? `${text} (set for this platform)` : text;
}

function parseCountry(text: string): string {
  const code = text.toUpperCase();
  if (!/^[A-Z]{2}$/.test(code)) throw new InvalidArgumentError("It must be two letters, such as US.");
  return code;
}
