import { Pool } from "undici";

/**
 * Posts the same form repeatedly, several at once. Started with `atOnce`; asked `{ url, key, posts }`, answers `{ ms
 * }`.
 */
const atOnce = Number(process.argv[2]);
const BODY = "name=Jenny+Rosen&email=jenny%40example.com&metadata[order]=6735&address[city]=Berlin&address[country]=DE";

process.on("message", async ({ url, key, posts }: { url: string; key: string; posts: number }) => {
  const pool = new Pool(url, { connections: atOnce, pipelining: 1 });
  let left = posts;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) {
        const answer = await pool.request({
          path: "/v1/customers",
          method: "POST",
          headers: { authorization: `Bearer ${key}`, "content-type": "application/x-www-form-urlencoded" },
          body: BODY,
        });
        const text = await answer.body.text();
        if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}: ${text}`);
      }
    }),
  );
  const ms = performance.now() - started;
  await pool.close();
  process.send?.({ ms });
});
process.on("disconnect", () => process.exit());
process.send?.({ ready: true });
