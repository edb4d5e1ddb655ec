/** What to do about an outcome, by its name. docs/outcomes.md lists all outcomes. */
const ADVICE: Readonly<Record<string, string>> = {
  address_blocked: "Give the endpoint a public address and a port for HTTP, or ask the server's operator to allow its network.",
  connect_timeout: "Check the address and the firewalls before it: packets that are dropped look like this.",
  connection_refused: "Nothing listens there. Start the receiver, or correct the endpoint's port.",
  connection_reset:
    "The connection was closed before the answer was complete. Look for a crash or a restart of the receiver, or of a proxy before it.",
  dns_failure: "Correct the name in the endpoint's URL, or repair its DNS records.",
  headers_too_large: "Have the receiver send fewer or shorter headers.",
  interrupted: "Nothing: the server was stopped during the attempt, and tries again.",
  invalid_response: "Check that the port speaks HTTP, and whether the URL should begin with https.",
  invalid_url: "Give the endpoint a complete http or https URL.",
  network_unreachable: "The server's machine has no route there. Check its network.",
  proxy_failure: "Check the endpoint's name. The server's log tells its operator why the proxy made no connection.",
  redirect: "Redirects are not followed. Register the address that the redirect points to.",
  succeeded: "Nothing: the delivery is complete.",
  timeout: "Answer first and do the work afterwards: the receiver took longer than an attempt may.",
  tls_failure: "Renew the certificate or complete its chain; the reason says which.",
  unknown_fault: "Read the reason. The server's log has the error for its operator.",
};

/** What to do about the status of a receiver's answer. */
const STATUS_ADVICE: readonly (readonly [from: number, to: number, advice: string])[] = [
  [400, 400, "The receiver refused the request. A signature that does not match answers so: compare the secret, and verify the raw body."],
  [401, 403, "The receiver, or a proxy before it, asks for a login. Leave the webhook's path out of it; the signature is its proof."],
  [404, 404, "The receiver has no such path. Compare the endpoint's URL with the route of the handler."],
  [405, 405, "The path is there, but takes no POST. Register the route for POST."],
  [408, 408, "The receiver waited too long for the request. Look at the proxy before it."],
  [410, 410, "The receiver says that the path is gone for good. Correct the URL, or delete the endpoint."],
  [413, 413, "The receiver takes no body of this size. Raise the limit of its body parser or of the proxy."],
  [429, 429, "The receiver is asked too often. Set a rate limit for the endpoint; Retry-After is respected."],
  [500, 500, "The handler failed. Look for its error in the receiver's log at the time of the attempt."],
  [502, 504, "A proxy answered for a receiver that did not. Check that the receiver runs and answers in time."],
];

/** What to do about an attempt that failed. */
export function adviceOn({ outcome, status }: { outcome: string; status: number | null }): string {
  if (outcome === "status" && status !== null) {
    const known = STATUS_ADVICE.find(([from, to]) => status >= from && status <= to);
    return known?.[2] ?? "Only a status from 200 to 299 counts as received. Read what the receiver answered, below.";
  }
  return ADVICE[outcome] ?? "Read the reason that the attempt gives.";
}
