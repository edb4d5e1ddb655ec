import fc from "fast-check";
import pc from "picocolors";
import { describe, expect, test } from "vitest";
import { formatFields, formatTable } from "./table.ts";

describe("a table", () => {
  const columns = [
    { head: "NAME", cell: ({ name }: { name: string; count: number }) => name },
    { head: "COUNT", cell: ({ count }: { name: string; count: number }) => String(count), align: "right" as const },
    { head: "END", cell: () => "x" },
  ];

  test("aligns texts to the left and numbers to the right", () => {
    const rows = [
      { name: "a", count: 5 },
      { name: "a longer one", count: 12_345 },
    ];
    expect(formatTable(columns, rows)).toBe(["NAME          COUNT  END", "a                 5  x", "a longer one  12345  x"].join("\n"));
  });

  test("without rows it is its heads", () => {
    expect(formatTable(columns, [])).toBe("NAME  COUNT  END");
  });

  test("gives colours no room", () => {
    const colours = pc.createColors(true);
    const text = formatTable(
      [
        { head: "A", cell: (word: string) => (word === "red" ? colours.red(word) : word) },
        { head: "B", cell: () => "|" },
      ],
      ["red", "longer"],
    );
    expect(text.replaceAll("\u001b[31m", "").replaceAll("\u001b[39m", "")).toBe("A       B\nred     |\nlonger  |");
  });

  test("no line ends in a space, and every line has the same columns", () => {
    const word = fc.stringMatching(/^[a-z]{1,12}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word), { minLength: 1 }), (rows) => {
        const lines = formatTable(
          [
            { head: "A", cell: ([one]: [string, string]) => one },
            { head: "B", cell: ([, other]: [string, string]) => other },
          ],
          rows,
        ).split("\n");
        expect(lines).toHaveLength(rows.length + 1);
        const starts = lines.map((line) => line.length - (line.split(/ +/).at(-1)?.length ?? 0));
        expect(new Set(starts).size).toBe(1);
      }),
    );
  });
});

test("fields align their values, those of several lines too", () => {
  expect(
    formatFields([
      ["id", "evt_1"],
      ["longer", "one\ntwo"],
    ]),
  ).toBe("id      evt_1\nlonger  one\n        two");
});
