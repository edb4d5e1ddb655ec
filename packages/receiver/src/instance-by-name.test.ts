import { expect, test } from "vitest";
import { Defer, Discard, NoClient } from "./handler-errors.ts";
import { InboxUnavailable } from "./inbox/inbox.ts";

class RowMissing extends Defer {}
class Taken extends InboxUnavailable {}

/** As if the class had been loaded a second time. */
const named = (name: string, fields: object = {}): Error => Object.assign(new Error("no"), { name }, fields);

test("an error is one of a class by its name, where the class was loaded twice", () => {
  expect(named("Discard")).toBeInstanceOf(Discard);
  expect(named("NoClient")).toBeInstanceOf(NoClient);
  expect(named("InboxUnavailable")).toBeInstanceOf(InboxUnavailable);
  expect(named("Defer", { delayMs: 5 })).toBeInstanceOf(Defer);
  expect(named("Defer")).not.toBeInstanceOf(Defer);
  expect(named("Discard")).not.toBeInstanceOf(Defer);
  expect({ name: "Discard" }).not.toBeInstanceOf(Discard);
});

test("an error of a class is not an instance of its subclasses, and an error of a subclass is an instance of the class", () => {
  expect(new Defer("later", "5s")).not.toBeInstanceOf(RowMissing);
  expect(new InboxUnavailable("away")).not.toBeInstanceOf(Taken);
  expect(new RowMissing("later", "5s")).toBeInstanceOf(RowMissing);
  expect(new RowMissing("later", "5s")).toBeInstanceOf(Defer);
  expect(new Taken("taken")).toBeInstanceOf(InboxUnavailable);
});
