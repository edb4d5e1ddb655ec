import { type Command, InvalidArgumentError, Option } from "commander";
import { apiVersionOption } from "../api-version-option.ts";
import { mccOption } from "../mcc-option.ts";
import { printable } from "../printable.ts";
import { clientOf, jsonOption, printAnswer, type ServerOptions, withServerOptions } from "../server-options.ts";
import { startFailure } from "../start-failure.ts";
import { type NamedStoreOptions, namedStore, opening, prepare, withStoreOptions } from "../store-options.ts";
import { formatFields } from "../table.ts";
import type { Terminal } from "../terminal.ts";

interface ApplicationAnswer {
  id: string;
  api_version: string;
  livemode: boolean;
  name: string;
  redirect_uris: string[];
}

/** What a platform is made of. */
interface PlatformOptions {
  name: string;
  country: string;
  defaultMcc?: string;
  apiVersion?: string;
}

/** Adds `carabiner platforms`. */
export function registerPlatforms(program: Command, terminal: Terminal): void {
  const platforms = program.command("platforms").description("those who own keys and endpoints, and to whom accounts are connected");

  withServerOptions(
    platforms
      .command("redirect-uris")
      .description("show where a platform's users may be sent back to from the consent page, or register it")
      .argument("[uris...]", "what to register, in place of all there were; the first is the one meant when a link names none"),
  )
    .addHelpText(
      "after",
      "\nExamples:\n  carabiner platforms redirect-uris\n  carabiner platforms redirect-uris http://localhost:4242/connected\n",
    )
    .action(async (uris: string[], options: ServerOptions) => {
      const server = clientOf(options, terminal);
      const application =
        uris.length === 0
          ? await server.get<ApplicationAnswer>("/console/application")
          : await server.post<ApplicationAnswer>("/console/application", { redirect_uris: uris });
      printAnswer(terminal, options, application, () =>
        formatFields(
          [
            ["client id", application.id],
            ["mode", application.livemode ? "live" : "test"],
            ["name", printable(application.name)],
            ["redirect URIs", application.redirect_uris.map((uri) => printable(uri)).join("\n") || "none"],
          ],
          terminal.colours.out.dim,
        ),
      );
    });

  withServerOptions(
    platforms
      .command("api-version")
      .description("show a platform's default API version, or set it, in both modes")
      .argument("[version]", "the version of answers and events where nothing names another"),
  )
    .addHelpText("after", "\nExamples:\n  carabiner platforms api-version\n  carabiner platforms api-version 2024-06-20\n")
    .action(async (version: string | undefined, options: ServerOptions) => {
      const server = clientOf(options, terminal);
      const application =
        version === undefined
          ? await server.get<ApplicationAnswer>("/console/application")
          : await server.post<ApplicationAnswer>("/console/application", { api_version: version });
      printAnswer(terminal, options, application, () => application.api_version);
    });

  withStoreOptions(
    platforms
      .command("create")
      .description("make a platform in a directory that no server is using, or in a PostgreSQL database; prints its keys, once")
      .requiredOption("--name <name>", "the name its connected accounts see"),
  )
    .addOption(new Option("--country <code>", "its country, two letters").default("US").argParser(parseCountry))
    .addOption(mccOption())
    .addOption(apiVersionOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  carabiner platforms create --name Acme --data /var/lib/carabiner\n")
    .action(async (options: NamedStoreOptions & PlatformOptions & { json?: true }) => {
      const kept = namedStore(options, terminal.env);
      const { name, country, defaultMcc, apiVersion } = options;
      const asked = {
        name,
        country,
        ...(defaultMcc === undefined ? {} : { defaultMcc }),
        ...(apiVersion === undefined ? {} : { apiVersion }),
      };
      const { checkPlatform, createPlatform } = await import("@carabiner/server");
      let platform: Awaited<ReturnType<typeof createPlatform>>;
      try {
        checkPlatform(asked);
        await prepare(kept);
        platform = await createPlatform({
          ...opening(kept),
          ...asked,
          onKeyFile: (path) =>
            terminal.tell(
              terminal.colours.err.dim(
                `Secrets are sealed with the key in ${path}, which was made. A backup of the database needs it too.`,
              ),
            ),
        });
      } catch (error) {
        const database = "file" in kept.store ? kept.store.file : kept.shown;
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
