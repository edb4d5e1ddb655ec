import { expect, test } from "vitest";
import { COUNTED, chosenWay } from "./delivery-ways.ts";

const way = (name: string, ordered: boolean, rows: number) => ({ name, ordered, rows });
const chosen = (...ways: ReturnType<typeof way>[]) => chosenWay(ways, ({ rows }) => rows).name;

test("the way with the fewest rows is taken, even if they must be sorted", () => {
  expect(chosen(way("failed", false, 12), way("endpoint", true, 50), way("all", true, COUNTED))).toBe("failed");
  expect(chosen(way("account", false, 510), way("endpoint", true, 500), way("all", true, COUNTED))).toBe("endpoint");
});

test("a way that finds few is taken without counting those after it", () => {
  const counted: string[] = [];
  const ways = [way("all", true, COUNTED), way("failed", false, 12), way("endpoint", true, 5)];
  const count = ({ name, rows }: (typeof ways)[number]) => {
    counted.push(name);
    return rows;
  };
  expect(chosenWay(ways, count).name).toBe("failed");
  expect(counted).toEqual(["all", "failed"]);
});

test("rows that are too many to sort are found in their order", () => {
  expect(chosen(way("account", false, COUNTED), way("endpoint", true, COUNTED), way("all", true, COUNTED))).toBe("endpoint");
});

test("the only way is taken without counting", () => {
  const only = { ordered: false };
  const count = () => {
    throw new Error("counted");
  };
  expect(chosenWay([only], count)).toBe(only);
});
