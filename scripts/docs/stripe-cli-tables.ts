import {
  LISTEN_ROWS,
  LOGS_TAIL_ROWS,
  OTHER_ROWS,
  type StripeCliRow,
  type StripeCliRows,
} from "../../packages/server/test/stripe-cli-rows.ts";
import type { DocumentTable } from "./table.ts";

const code = (text: string): string => `\`${text}\``;
const codes = (texts: readonly string[]): string => texts.map(code).join(", ");

/** What the official CLI's commands do here: the rows that the tests with the real CLI demonstrate. */
export function stripeCliTables(): DocumentTable[] {
  const rowsOf = (rows: StripeCliRows): StripeCliRow[] => Object.values(rows);
  const inOneFile = (name: string, rows: StripeCliRows): DocumentTable => ({
    file: "docs/stripe-cli.md",
    name,
    heads: ["Flags", "What happens"],
    rows: rowsOf(rows).map(({ flags, happens }) => [codes(flags) || "–", happens]),
  });
  const all = [LISTEN_ROWS, LOGS_TAIL_ROWS, OTHER_ROWS].flatMap(rowsOf);
  const commands = [...new Set(all.flatMap((row) => row.commands))];
  return [
    inOneFile("stripe listen", LISTEN_ROWS),
    inOneFile("stripe logs tail", LOGS_TAIL_ROWS),
    {
      file: "docs/stripe-cli.md",
      name: "other commands of the Stripe CLI",
      heads: ["Command", "Flags", "What happens"],
      rows: rowsOf(OTHER_ROWS).map(({ commands: of, flags, happens }) => [codes(of), codes(flags) || "–", happens]),
    },
    {
      file: "docs/compatibility.md",
      name: "commands of the Stripe CLI",
      heads: ["Command", "Flags that work", "Refused"],
      rows: commands.map((command) => {
        const flagsOf = (refused: boolean): string => {
          const rows = all.filter((row) => row.commands.includes(command) && (row.refused === true) === refused);
          return codes([...new Set(rows.flatMap(({ flags }) => flags))].sort());
        };
        return [code(command), flagsOf(false) || "–", flagsOf(true) || "–"];
      }),
    },
  ];
}
