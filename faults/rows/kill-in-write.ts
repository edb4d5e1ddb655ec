import type { Row, RowResult, Scale } from "../row.ts";
import { type Kind, type Node, until, World } from "../world.ts";

const KILLS: Record<Scale, number> = { full: 30, quick: 2 };
const AT_ONCE = 8;

/**
 * kill -9 while calls are under way. Each call is then repeated with its idempotency key: there must be one object for
 * each key.
 */
export const killInWrite: Row = {
  number: 2,
  name: "kill -9 in an API write",
  async run(context) {
    const breaches: string[] = [];
    const figures: RowResult["figures"] = {};
    for (const kind of ["sqlite", "postgresql"] satisfies Kind[]) {
      const world = await World.create(kind, context);
      try {
        const kills = KILLS[context.scale];
        let node: Node = await world.startNode();
        const create = (key: string) =>
          world.call<{ id: string }>(node, "POST", "/v1/customers", { "metadata[key]": key }, { "idempotency-key": key });
        let interrupted = 0;
        for (let kill = 0; kill < kills; kill++) {
          context.progress(`${kind}: kill ${kill + 1} of ${kills}`);
          const keys = Array.from({ length: AT_ONCE }, (_, n) => `key-${kill}-${n}`);
          const first = keys.map((key) =>
            create(key).then(
              ({ status, body }) => (status === 200 ? body.id : null),
              () => null,
            ),
          );
          // The node dies when this many calls have been answered: none, or some.
          if (kill % AT_ONCE > 0) await Promise.race(first);
          await world.endNode(node, "SIGKILL");
          const before = await Promise.all(first);
          interrupted += before.filter((id) => id === null).length;
          node = await world.startNode();
          for (const [n, key] of keys.entries()) {
            let id = "";
            await until(`${key} to be answered`, async () => {
              const { status, body } = await create(key);
              id = body.id;
              return status === 200;
            });
            if (before[n] !== null && before[n] !== id) breaches.push(`${kind}: ${key} was answered ${before[n]}, and later ${id}`);
          }
        }
        const made = await customersByKey(world, node);
        for (const [key, count] of made) if (count !== 1) breaches.push(`${kind}: ${key} made ${count} objects`);
        const keys = kills * AT_ONCE;
        if (made.size !== keys) breaches.push(`${kind}: ${keys} keys made objects of ${made.size}`);
        Object.assign(figures, {
          [`${kind}.kills`]: kills,
          [`${kind}.keys`]: keys,
          [`${kind}.interrupted`]: interrupted,
          [`${kind}.mostObjectsOfAKey`]: Math.max(...made.values()),
        });
      } finally {
        await world.close();
      }
    }
    return { breaches, figures };
  },
};

/** How many customers there are for each key. */
export async function customersByKey(world: World, node: Node): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (let after = ""; ; ) {
    const { body } = await world.call<{ data: { id: string; metadata: { key: string } }[]; has_more: boolean }>(
      node,
      "GET",
      `/v1/customers?limit=100${after === "" ? "" : `&starting_after=${after}`}`,
    );
    for (const { metadata } of body.data) counts.set(metadata.key, (counts.get(metadata.key) ?? 0) + 1);
    after = body.data.at(-1)?.id ?? "";
    if (!body.has_more) return counts;
  }
}
