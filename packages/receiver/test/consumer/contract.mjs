// The inbox contract as somebody who writes an inbox runs it: with node:test, on an inbox in a file. With BROKEN=1 the
// inbox has a fault that the contract must find: whoever has lost a claim may still settle it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { inboxContract } from "@carabiner/receiver/inbox-contract";
import { sqliteInbox } from "@carabiner/receiver/sqlite";

let folder;
let opened = [];

async function another() {
  const inbox = sqliteInbox(join(folder, "app.db"));
  opened.push(inbox);
  await inbox.prepare();
  return process.env.BROKEN === "1" ? { ...inbox, settle: async (...given) => (await inbox.settle(...given)) || true } : inbox;
}

function onFile(work) {
  const db = new DatabaseSync(join(folder, "app.db"));
  try {
    return work(db);
  } finally {
    db.close();
  }
}

inboxContract(
  {
    another,
    async open() {
      folder = mkdtempSync(join(tmpdir(), "inbox-contract-"));
      onFile((db) => db.exec("CREATE TABLE effects (number INTEGER PRIMARY KEY, name TEXT NOT NULL)"));
      return another();
    },
    effect: async (tx, name) => tx.prepare("INSERT INTO effects (name) VALUES (?)").run(name),
    effects: async () =>
      onFile((db) =>
        db
          .prepare("SELECT name FROM effects ORDER BY number")
          .all()
          .map(({ name }) => name),
      ),
    async close() {
      for (const inbox of opened) await inbox.close();
      opened = [];
      rmSync(folder, { recursive: true });
    },
  },
  { describe, test },
);
