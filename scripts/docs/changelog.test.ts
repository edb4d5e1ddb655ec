import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../house/repository-files.ts";

/** What a heading of the third level says, in this order. */
const KINDS = ["Added", "Changed", "Fixed"];

/** What one of the fourth level says, in this order. */
const SUBJECTS = [
  "Accounts, people and connections",
  "Payments and payouts",
  "The API",
  "Events and deliveries",
  "The dashboard",
  "The command",
  "The Stripe CLI",
  "The receiver",
  "Operating a server",
  "Speed and memory",
  "Installing, testing and building",
];

test("every change stands below its kind and its subject, in one line, once", () => {
  let version = "";
  let kind = -1;
  let subject = -1;
  const wrong: string[] = [];
  const told = new Set<string>();
  for (const [index, line] of readFileSync(join(ROOT, "CHANGELOG.md"), "utf8").split("\n").entries()) {
    const [, marks = "", words = ""] = /^(#{2,4}|-) (.+)$/.exec(line) ?? [];
    const complain = (what: string): void => void wrong.push(`line ${index + 1} ${what}: ${line}`);
    if (marks === "##") {
      version = words;
      kind = subject = -1;
    } else if (marks === "###") {
      if (KINDS.indexOf(words) <= kind) complain("is no kind, or not at its place");
      kind = KINDS.indexOf(words);
      subject = -1;
    } else if (marks === "####") {
      if (SUBJECTS.indexOf(words) <= subject) complain("is no subject, or not at its place");
      subject = SUBJECTS.indexOf(words);
    } else if (kind >= 0 && line !== "") {
      if (marks !== "-" || subject < 0) complain(`of ${version} is no entry below a subject`);
      if (told.has(line)) complain("is told twice");
      told.add(line);
    }
  }
  expect(wrong).toEqual([]);
  expect(told.size).toBeGreaterThan(0);
});
