import type { Row, RowResult } from "../row.ts";
import { type Kind, type Node, until, World } from "../world.ts";
import { customersByKey } from "./kill-in-write.ts";

const REQUESTS = 200;

/**
 * Many calls at once with the same idempotency key, on one node and on two of which one is killed meanwhile: one
 * object.
 */
export const sameKey: Row = {
  number: 24,
  name: "200 calls at once with one idempotency key",
  async run(context) {
    const breaches: string[] = [];
    const figures: RowResult["figures"] = {};
    for (const [kind, nodes, kill] of [
      ["sqlite", 1, false],
      ["postgresql", 2, false],
      ["postgresql", 2, true],
    ] satisfies [Kind, number, boolean][]) {
      const name = `${kind}${kill ? ", one node killed" : ""}`;
      context.progress(name);
      const world = await World.create(kind, context);
      try {
        const running = await Promise.all(Array.from({ length: nodes }, () => world.startNode()));
        const first = running[0] as Node;
        const ask = (node: Node, key: string, email = "") =>
          world.call<{ id?: string; error?: { type: string } }>(
            node,
            "POST",
            "/v1/customers",
            { "metadata[key]": key, ...(email === "" ? {} : { email }) },
            { "idempotency-key": key },
          );
        const asked = Array.from({ length: REQUESTS }, (_, n) => ask(running[n % nodes] as Node, "one").catch(() => null));
        if (kill) {
          await Promise.race(asked);
          await world.endNode(running[1] as Node, "SIGKILL");
        }
        const answers = (await Promise.all(asked)).filter((answer) => answer !== null);
        const made = new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body.id));
        const busy = answers.filter(({ status }) => status === 409).length;
        for (const { status, body } of answers)
          if (status !== 200 && status !== 409) breaches.push(`${name}: answered ${status} ${JSON.stringify(body)}`);
        let last = "";
        await until("the key to be answered", async () => {
          const { status, body } = await ask(first, "one");
          last = body.id ?? "";
          return status === 200;
        });
        made.add(last);
        if (made.size !== 1) breaches.push(`${name}: one key was answered with ${made.size} objects`);
        const other = await ask(first, "one", "someone@example.com");
        if (other.status !== 400 || other.body.error?.type !== "idempotency_error")
          breaches.push(`${name}: other parameters were answered ${other.status}`);
        const objects = (await customersByKey(world, first)).get("one") ?? 0;
        if (objects !== 1) breaches.push(`${name}: one key made ${objects} objects`);
        Object.assign(figures, { [`${name}.answered`]: answers.length - busy, [`${name}.inProgress`]: busy, [`${name}.objects`]: objects });
      } finally {
        await world.close();
      }
    }
    return { breaches, figures };
  },
};
