import { type Command, InvalidArgumentError, Option } from "commander";
import { databaseOf, makeDataDirectory } from "../data-directory.ts";
import { jsonOption, printAnswer } from "../server-options.ts";
import { startFailure } from "../start-failure.ts";
import { formatFields } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { dataDirectoryOf } from "./serve.ts";

/** Adds `carabiner platforms`. */
export function registerPlatforms(program: Command, terminal: Terminal): void {
  const platforms = program.command("platforms").description("those who own keys and endpoints, and to whom accounts are connected");

  platforms
    .command("create")
    .description("make a platform in a database that no server is using; prints its keys, once")
    .requiredOption("--name <name>", "the name its connected accounts see")
    .option("--data <dir>", "where everything is kept (environment: CARABINER_DATA); required")
    .addOption(new Option("--country <code>", "its country, two letters").default("US").argParser(parseCountry))
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  carabiner platforms create --name Acme --data /var/lib/carabiner\n")
    .action(async (options: { name: string; data?: string; country: string; json?: true }) => {
      const directory = dataDirectoryOf(options.data, terminal.env);
      await makeDataDirectory(directory);
      const database = databaseOf(directory);
      const { createPlatform } = await import("@carabiner/server");
      let platform: Awaited<ReturnType<typeof createPlatform>>;
      try {
        platform = await createPlatform({ store: { file: database }, name: options.name, country: options.country });
      } catch (error) {
        throw startFailure(error, { command: "serve", host: "", port: 0, database }) ?? error;
      }
      const { account, applications, keys } = platform;
      const { bold, dim } = terminal.colours.out;
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
}

function parseCountry(text: string): string {
  const code = text.toUpperCase();
  if (!/^[A-Z]{2}$/.test(code)) throw new InvalidArgumentError("It must be two letters, such as US.");
  return code;
}
