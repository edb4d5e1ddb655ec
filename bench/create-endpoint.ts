/** Creates an endpoint for all events of the platform's own account. */
export async function createEndpoint({ url, key }: { url: string; key: string }, target: string): Promise<void> {
  const answer = await fetch(`${url}/v1/webhook_endpoints`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: new URLSearchParams({ url: target, "enabled_events[]": "*" }),
  });
  if (!answer.ok) throw new Error(`creating the endpoint was answered ${answer.status}: ${await answer.text()}`);
}
