// One event that is sent twice and fails once, in an inbox that lasts: `sqlite FILE`, or `postgres URL`. Prints what
// became of it.
import { createHmac } from "node:crypto";
import { createReceiver } from "@carabiner/receiver";

const [kind, place] = process.argv.slice(2);
const SECRET = "whsec_durable";

async function opened() {
  if (kind === "sqlite") {
    const { DatabaseSync } = await import("node:sqlite");
    const { sqliteInbox } = await import("@carabiner/receiver/sqlite");
    const db = new DatabaseSync(place);
    db.exec("CREATE TABLE effects (name TEXT)");
    const inbox = sqliteInbox(place);
    return {
      inbox,
      write: (tx, name) => tx.prepare("INSERT INTO effects VALUES (?)").run(name),
      effects: () => db.prepare("SELECT name FROM effects").all().length,
      close: () => Promise.all([inbox.close(), db.close()]),
    };
  }
  const { default: pg } = await import("pg");
  const { postgresInbox } = await import("@carabiner/receiver/postgres");
  const pool = new pg.Pool({ connectionString: place, max: 4 });
  await pool.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE effects (name text)");
  return {
    inbox: postgresInbox(pool),
    write: (tx, name) => tx.query("INSERT INTO effects VALUES ($1)", [name]),
    effects: async () => (await pool.query("SELECT name FROM effects")).rows.length,
    close: () => pool.end(),
  };
}

const { inbox, write, effects, close } = await opened();
const told = [];
const hooks = createReceiver({
  endpoints: { connect: { secret: SECRET, connect: true } },
  livemode: false,
  inbox,
  autoStart: false,
  log: false,
  limits: { retryFirstMs: 0 },
  onReport: (report) => report.kind !== "trouble" && told.push(report.outcome ?? report.reason),
});
hooks.connect.on("account.updated", async (event, { attempt, tx }) => {
  await write(tx, event.id);
  if (attempt === 1) throw new Error("not yet");
});

const body = new TextEncoder().encode(
  JSON.stringify({
    id: "evt_1",
    object: "event",
    account: "acct_1",
    api_version: null,
    created: Math.floor(Date.now() / 1_000),
    data: { object: { id: "acct_1", object: "account" } },
    livemode: false,
    type: "account.updated",
  }),
);
for (let time = 0; time < 2; time++) {
  const at = Math.floor(Date.now() / 1_000);
  const signature = createHmac("sha256", SECRET).update(`${at}.`).update(body).digest("hex");
  const request = { method: "POST", header: (name) => (name === "stripe-signature" ? `t=${at},v1=${signature}` : null), body };
  const answer = await hooks.handle(request);
  await answer.settled;
  console.log(kind, answer.status, told.splice(0).join(" "));
}
const { empty } = await hooks.drain();
console.log(kind, empty, told.join(" "), await effects());
await hooks.stop();
await close();
