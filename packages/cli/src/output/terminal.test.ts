import { expect, test } from "vitest";
import { showsColours } from "./terminal.ts";

test.each([
  ["a terminal", { isTTY: true }, {}, true],
  ["a pipe", {}, {}, false],
  ["NO_COLOR", { isTTY: true }, { NO_COLOR: "1" }, false],
  ["an empty NO_COLOR", { isTTY: true }, { NO_COLOR: "" }, true],
  ["a dumb terminal", { isTTY: true }, { TERM: "dumb" }, false],
] as const)("colours on %s: %#", (_, stream, env, shown) => expect(showsColours(stream, env)).toBe(shown));
