import type { Setting } from "../../packages/cli/src/settings/setting.ts";
import { SETTINGS } from "../../packages/cli/src/settings/settings.ts";
import type { DocumentTable } from "./table.ts";

const code = (text: string | number): string => `\`${text}\``;

/** The tables of a server's settings: all of them, and only those of the egress. */
export function settingTables(): DocumentTable[] {
  const egress = SETTINGS.filter(({ option }) => option.startsWith("egress."));
  return [
    {
      file: "docs/configuration.md",
      name: "settings",
      heads: ["Flag", "Variable", "Option of `startCarabiner`", "Default", "Of", "What it does"],
      rows: SETTINGS.map((setting) => [...namesOf(setting), shownDefault(setting), setting.commands.join(", "), sentence(setting)]),
    },
    {
      file: "docs/egress.md",
      name: "egress",
      heads: ["Flag", "Variable", "Option of `startCarabiner`", "What it does"],
      rows: egress.map((setting) => [...namesOf(setting), sentence(setting)]),
    },
  ];
}

function namesOf({ flags, variable, secret, option }: Setting): string[] {
  // The file with the keys is a separate setting.
  const inFile = variable !== null && secret !== undefined && variable !== "CARABINER_KEY" ? `, ${code(`${variable}_FILE`)}` : "";
  return [flags === null ? "" : code(flags), variable === null ? "" : code(variable) + inFile, code(option)];
}

function shownDefault({ default: value, shownDefault: shown }: Setting): string {
  if (value === undefined) return "";
  return code(shown ?? String(value));
}

function sentence({ does, choices }: Setting): string {
  const text = choices === undefined ? does : `${does}: ${choices.map(code).join(", ")}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}
