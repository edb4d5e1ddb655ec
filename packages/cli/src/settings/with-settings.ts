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

/** Adds the flags of a server's settings, each under a heading. */
export function withServerSettings(command: Command, settings: readonly Setting[]): Command {
  for (const setting of settings) {
    const option = optionOf(setting);
    const group = settingGroup(setting);
    if (option !== null) command.addOption(group === null ? option : option.helpGroup(`${group}:`));
  }
  return command;
}

/** The flag of a setting in commander's form; null when the setting has no flag. */
export function optionOf({ flags, does, variable, list, secret, ...setting }: Setting): Option | null {
  if (flags === null) return null;
  const option = new Option(flags, variable === null ? does : `${does} (environment: ${inEnvironment(variable, list, secret)})`);
  const { parse } = setting;
  if (list === true) option.argParser((text, before: readonly unknown[] = []) => [...before, parse === undefined ? text : parse(text)]);
  else if (setting.choices !== undefined) option.choices(setting.choices);
  else if (option.required) option.argParser(parse ?? someText);
  // A flag without a value means true when it is present. Commander knows that `--no-…` makes true the default.
  if (setting.default !== undefined && typeof setting.default !== "boolean") option.default(setting.default, setting.shownDefault);
  return option;
}

/** Reads a text unchanged. An empty text comes from an unset shell variable. */
function someText(text: string): string {
  if (text === "") throw new InvalidArgumentError("It is empty: give a value, or leave the option out.");
  return text;
}

function inEnvironment(variable: string, list: Setting["list"], secret: Setting["secret"]): string {
  if (list === true) return `${variable}, with commas`;
  return secret === undefined ? variable : `${variable}, or the file that ${variable}_FILE names`;
}
