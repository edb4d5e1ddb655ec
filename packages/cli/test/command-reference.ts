import type { Command, Option } from "commander";
import { DOCUMENT_COLUMNS } from "../../../scripts/docs/wide-lines.ts";

/** Every command that does something, with the words that call it: `carabiner events list`. */
export function allCommands(command: Command, before = ""): [name: string, command: Command][] {
  const name = `${before}${command.name()}`;
  return command.commands.length === 0 ? [[name, command]] : command.commands.flatMap((inner) => allCommands(inner, `${name} `));
}

/** The part of `docs/cli.md` that lists commands and options, out of their definitions. */
export function commandReference(program: Command): string {
  return allCommands(program)
    .map(([name, command]) => {
      const inputs = command.registeredArguments.map((argument) => (argument.required ? `<${argument.name()}>` : `[${argument.name()}]`));
      const rows = [
        ...command.registeredArguments.map((argument, index) => [
          `\`${inputs[index]}\``,
          argument.description,
          argument.required ? "required" : "",
        ]),
        ...command.options.map((option) => [`\`${option.flags}\``, descriptionOf(option), defaultOf(option)]),
      ];
      const heading = `### \`${[name, ...inputs].join(" ")}\`\n\n${sentence(command.description())}`;
      const table = [["", "What it does", "Default"], ["---", "---", "---"], ...rows].map(
        (cells) => `| ${cells.map((cell) => cell?.replaceAll("|", "\\|")).join(" | ")} |`,
      );
      return `${heading}\n\n${table.join("\n")}`;
    })
    .join("\n\n");
}

function descriptionOf(option: Option): string {
  const choices = option.argChoices === undefined ? "" : `: ${option.argChoices.map((choice) => `\`${choice}\``).join(", ")}`;
  return `${option.description}${choices}`;
}

function defaultOf(option: Option): string {
  if (option.mandatory) return "required";
  if (option.defaultValue === undefined) return "";
  return `\`${option.defaultValueDescription ?? option.defaultValue}\``;
}

function sentence(text: string): string {
  return wrapped(`${text.charAt(0).toUpperCase()}${text.slice(1)}.`);
}

/** A text in lines as wide as those of documents may be. */
function wrapped(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trimStart();
    if (longer.length > DOCUMENT_COLUMNS) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.join("\n");
}
