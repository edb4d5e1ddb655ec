import { type Command, InvalidArgumentError, Option } from "commander";
import type { Setting } from "./setting.ts";
import { settingGroup } from "./setting-group.ts";

/** Adds the flags of settings to a command. Their help names the variables as well. */
export function withSettings(command: Command, settings: readonly Setting[]): Command {
  for (const setting of settings) {
    const option = optionOf(setting);
    if (option !== null) command.addOption(option);
  }
  return command;
}

/** Adds the flags of a server's settings, each below a heading. */
export function withServerSettings(command: Command, settings: readonly Setting[]): Command {
  for (const setting of settings) {
    const option = optionOf(setting);
    const group = settingGroup(setting);
    if (option !== null) command.addOption(group === null ? option : option.helpGroup(`${group}:`));
  }
  return command;
}

/** The flag of a setting, as commander has it; null when it has none. */
export function optionOf({ flags, does, variable, list, secret, ...setting }: Setting): Option | null {
  if (flags === null) return null;
  const option = new Option(flags, variable === null ? does : `${does} (environment: ${inEnvironment(variable, list, secret)})`);
  const { parse } = setting;
  if (list === true) option.argParser((text, before: readonly unknown[] = []) => [...before, parse === undefined ? text : parse(text)]);
  else if (setting.choices !== undefined) option.choices(setting.choices);
  else if (option.required) option.argParser(parse ?? someText);
  // A flag without a value says true by being there, and commander knows that `--no-…` means true otherwise.
  if (setting.default !== undefined && typeof setting.default !== "boolean") option.default(setting.default, setting.shownDefault);
  return option;
}

/** A value that is a text as it is. An empty one comes from a variable of a shell that is not set. */
function someText(text: string): string {
  if (text === "") throw new InvalidArgumentError("It is empty: give a value, or leave the option out.");
  return text;
}

function inEnvironment(variable: string, list: Setting["list"], secret: Setting["secret"]): string {
  if (list === true) return `${variable}, with commas`;
  return secret === undefined ? variable : `${variable}, or the file that ${variable}_FILE names`;
}
