import type { Command } from "commander";
import { clientOf, printAnswer, type ServerOptions, withServerOptions } from "../options/server-options.ts";
import { printable } from "../output/printable.ts";
import { formatFields } from "../output/table.ts";
import type { Terminal } from "../output/terminal.ts";
import { addPlatformDeletion } from "./erase.ts";
import { addOperatedPlatforms } from "./operate-platforms.ts";

interface ApplicationAnswer {
  id: string;
  api_version: string;
  livemode: boolean;
  name: string;
  redirect_uris: string[];
}

/** Adds `carabiner platforms`. */
export function registerPlatforms(program: Command, terminal: Terminal): void {
  const platforms = program.command("platforms").description("those who own keys and endpoints, and whom accounts are connected to");

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

  addOperatedPlatforms(platforms, terminal);
  addPlatformDeletion(platforms, terminal);
}
