/** Publishes this many events with the secret key of test mode, in one call. Throws when the server refuses them. */
export async function publishCustomers({ url, keys }: { url: string; keys: { test: { secret: string } } }, count: number): Promise<void> {
  const answer = await fetch(`${url}/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${keys.test.secret}`, "content-type": "application/json" },
    body: JSON.stringify({
      events: Array.from({ length: count }, (_, n) => ({
        type: "customer.created",
        data: { object: { id: `cus_${n}`, object: "customer" } },
      })),
    }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`publishing answered ${answer.status}: ${text}`);
}
