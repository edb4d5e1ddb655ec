// The recipe for Workers with the additions for its test: access to its storage, and the inbox contract on a Durable
// Object of the platform. It is copied beside the recipe.
import { DurableObject } from "cloudflare:workers";
import { durableObjectInbox } from "@carabiner/receiver/durable-object";
import { inboxContract } from "@carabiner/receiver/inbox-contract";
import { Webhooks as Recipe } from "./webhooks.ts";
import worker from "./worker.ts";

export class Webhooks extends Recipe {
  async fetch(request) {
    if (new URL(request.url).pathname !== "/rows") return super.fetch(request);
    return Response.json(this.ctx.storage.sql.exec(await request.text()).toArray());
  }
}

export class Contract extends DurableObject {
  async fetch() {
    const { storage } = this.ctx;
    const tests = [];
    let path = [];
    const describe = (name, body) => {
      path = [...path, name];
      body();
      path = path.slice(0, -1);
    };
    const test = (name, run) => tests.push({ name: [...path, name].join(" › "), run });
    inboxContract(
      {
        another: null,
        async open() {
          await storage.deleteAll();
          storage.sql.exec("CREATE TABLE effects (number INTEGER PRIMARY KEY, name TEXT NOT NULL)");
          const inbox = durableObjectInbox(storage);
          await inbox.prepare();
          return inbox;
        },
        effect: async (tx, name) => tx.write((sql) => sql.exec("INSERT INTO effects (name) VALUES (?)", name)),
        effects: async () =>
          storage.sql
            .exec("SELECT name FROM effects ORDER BY number")
            .toArray()
            .map(({ name }) => name),
        close: async () => undefined,
      },
      { describe, test },
    );
    const failed = [];
    for (const { name, run } of tests) await run().catch((error) => failed.push(`${name}: ${error.stack}`));
    return Response.json({ tests: tests.length, failed });
  }
}

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/contract") return env.CONTRACT.getByName("contract").fetch(request);
    if (pathname === "/rows") return env.WEBHOOKS.getByName("webhooks").fetch(request);
    return worker.fetch(request, env);
  },
};
