import fc from "fast-check";
import pc from "picocolors";
import { describe, expect, test } from "vitest";
import { columnName, formatFields, formatTable, UnknownColumn } from "./table.ts";

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

  describe("within a width", () => {
    type Row = { id: string; account: string; why: string };
    const columns = [
      { head: "ID", cell: ({ id }: Row) => id },
      { head: "ACCOUNT", cell: ({ account }: Row) => account, dropped: 1 },
      { head: "CREATED (UTC)", cell: () => "2026-03-01 12:00:00", dropped: 2 },
      { head: "WHY", cell: ({ why }: Row) => why, cut: "end" as const },
    ];
    const rows = [{ id: "dlv_1", account: "acct_1", why: "The endpoint answered 500 Internal Server Error." }];
    const lines = (width: number | null, chosen?: string[]) =>
      formatTable(columns, rows, { width, ...(chosen === undefined ? {} : { columns: chosen }) }).split("\n");

    test("what may be cut is cut first, then the least important column goes, then the next", () => {
      expect(lines(null)[1]).toBe("dlv_1  acct_1   2026-03-01 12:00:00  The endpoint answered 500 Internal Server Error.");
      expect(lines(70)[1]).toBe("dlv_1  acct_1   2026-03-01 12:00:00  The endpoint answered 500 Intern…");
      expect(lines(50)[1]).toBe("dlv_1  acct_1   The endpoint answered 500 Interna…");
      expect(lines(25)[1]).toBe("dlv_1  The endpoint answ…");
      for (const width of [25, 30, 40, 50, 60, 70, 80, 100])
        for (const line of lines(width)) expect(line.length).toBeLessThanOrEqual(width);
    });

    test("columns that are chosen stay, in the order they are named", () => {
      expect(lines(60, ["created", "id"])).toEqual(["CREATED (UTC)        ID", "2026-03-01 12:00:00  dlv_1"]);
      expect(() => lines(60, ["id", "urn"])).toThrow(UnknownColumn);
      expect(() => lines(60, ["id", "urn"])).toThrow('There is no column "urn". Choose from id, account, created, why.');
      expect(columnName({ head: "NEXT TRY (UTC)" })).toBe("next-try");
    });

    test("an id or a type is cut in its middle, and the widest cell first", () => {
      const [head, line] = formatTable(
        [
          { head: "TYPE", cell: () => "account.application.deauthorized", cut: "middle" },
          { head: "WHY", cell: () => "500 Internal Server Error", cut: "end" },
        ],
        [1],
        { width: 40 },
      ).split("\n");
      expect([head, line]).toEqual(["TYPE                 WHY", "account.a…uthorized  500 Internal Serve…"]);
      expect(formatTable([{ head: "TYPE", cell: () => "account.application.deauthorized", cut: "middle" }], [1], { width: 5 })).toBe(
        "TYPE\naccou…ized",
      );
    });

    test("a column of less importance goes before others are cut below what reads well", () => {
      const columns = [
        { head: "TYPE", cell: () => "account.application.deauthorized", cut: "middle" as const },
        { head: "OBJECT", cell: () => "acct_1", dropped: 3 },
        { head: "WHY", cell: () => "500 Internal Server Error", cut: "end" as const, dropped: 1 },
      ];
      const heads = (width: number) => formatTable(columns, [1], { width }).split("\n")[0]?.split(/ +/);
      expect(heads(60)).toEqual(["TYPE", "OBJECT", "WHY"]);
      expect(heads(56)).toEqual(["TYPE", "WHY"]);
      expect(heads(28)).toEqual(["TYPE", "WHY"]);
      expect(heads(27)).toEqual(["TYPE"]);
    });

    test("a cell that is cut loses its colours, which would not end otherwise", () => {
      const { red } = pc.createColors(true);
      const [, line] = formatTable([{ head: "WHY", cell: () => red("x".repeat(40)), cut: "end" }], [1], { width: 20 }).split("\n");
      expect(line).toBe(`${"x".repeat(19)}…`);
    });
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
