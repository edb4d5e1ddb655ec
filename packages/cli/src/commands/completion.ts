import { Argument, type Command } from "commander";
import type { Terminal } from "../output/terminal.ts";
import { SHELLS, type Shell } from "../shells.ts";

/** Adds `carabiner completion`. */
export function registerCompletion(program: Command, terminal: Terminal): void {
  program
    .command("completion")
    .description("print a script that completes commands, options and event types in a shell")
    .addArgument(new Argument("<shell>", "which").choices(SHELLS))
    .addHelpText(
      "after",
      '\nExamples:\n  eval "$(carabiner completion bash)"\n  carabiner completion fish > ~/.config/fish/completions/carabiner.fish\n',
    )
    .action(async (shell: Shell) => {
      const { completionScript } = await import("../completion-script.ts");
      terminal.print(completionScript(program, shell));
    });
}
