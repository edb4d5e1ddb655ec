import { expect, test } from "vitest";
import type { StripeCliRow, StripeCliRows } from "./stripe-cli-rows.ts";

/** The commands that the running test has given to the official CLI; null outside of a row's test. */
let given: string[][] | null = null;

/**
 * Notes a command that a test gives to the official CLI. Throws when the test belongs to no row, unless `ofNoRow` is
 * set.
 */
export function noteCommand(args: readonly string[], { ofNoRow = false } = {}): void {
  if (given === null && !ofNoRow) throw new Error(`no row of stripe-cli-rows.ts is shown by: stripe ${args.join(" ")}`);
  given?.push([...args]);
}

/** What is missing of a row in the commands that its test has given: commands and flags. Pure. */
export function notGiven({ commands, flags }: StripeCliRow, all: readonly (readonly string[])[]): string[] {
  const lines = all.map((args) => args.join(" "));
  return [
    ...commands.filter((command) => !lines.some((line) => `${line} `.startsWith(`${command} `))),
    ...flags.filter((flag) => !all.some((args) => args.some((arg) => arg === flag || arg.startsWith(`${flag}=`)))),
  ];
}

/** Declares the test of each row, which fails unless it gives the row's commands and flags to the official CLI. */
export function testRows<Rows extends StripeCliRows>(rows: Rows, tests: { readonly [Name in keyof Rows]: () => Promise<void> }): void {
  const shown: Readonly<Record<string, () => Promise<void>>> = tests;
  test("each row has a test, and each test a row", () => {
    expect(Object.keys(shown).sort()).toEqual(Object.keys(rows).sort());
  });
  for (const [name, row] of Object.entries(rows))
    test(`${name}: ${[row.commands.join(", "), ...row.flags].join(" ")}: ${row.happens}`, async () => {
      const commands: string[][] = [];
      given = commands;
      try {
        await shown[name]?.();
      } finally {
        given = null;
      }
      expect(notGiven(row, commands)).toEqual([]);
    });
}
