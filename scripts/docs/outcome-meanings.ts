/** What each outcome of an attempt means to the person who reads it, and what to do. A test compares the names with the code. */
export const OUTCOME_MEANINGS: Readonly<Record<string, readonly [happened: string, remedy: string]>> = {
  succeeded: ["The endpoint answered with a status from 200 to 299.", "Nothing. The answer's body does not matter."],
  status: [
    "The endpoint answered with a status that is neither 2xx nor 3xx.",
    "Look at the status and the beginning of the body, both kept with the attempt.",
  ],
  redirect: ["The endpoint answered with a 3xx status. Redirects are not followed.", "Register the address the redirect points to."],
  address_blocked: [
    "The endpoint's address or port is one that this server does not send to. Which rule says so is not told.",
    "Give the endpoint a public address and a port for HTTP, or have its network allowed: see [egress](egress.md).",
  ],
  connection_refused: ["Nothing listens at the address and port.", "Start the receiver, or correct the port."],
  connection_reset: [
    "The connection was closed before the answer was complete.",
    "Look for a crash or a restart of the receiver, or of a proxy before it.",
  ],
  connect_timeout: [
    "No connection came about in time.",
    "Check firewalls and the address; a packet filter that drops silently looks like this.",
  ],
  dns_failure: [
    "The endpoint's name was not found, or no name server answered in time.",
    "Correct the name, or repair its DNS records or its name servers.",
  ],
  headers_too_large: ["The head of the answer is larger than is read.", "Send fewer or shorter headers."],
  interrupted: ["This server was stopped while the attempt was under way.", "Nothing: the delivery is tried again."],
  invalid_response: [
    "What came back is not a valid answer of HTTP/1.1: another protocol, a status below 100, a `101` that nobody asked for, a head that contradicts itself.",
    "Check that the port speaks HTTP, and whether the URL should begin with https.",
  ],
  invalid_url: ["The endpoint's URL cannot be used.", "Update the endpoint with a complete http or https URL."],
  network_unreachable: ["There is no way to the address from here.", "Check the network and the routes of the machine the server runs on."],
  proxy_failure: [
    "This server sends through a proxy, and the proxy made no connection.",
    "If it is not for the endpoint's name, whoever runs the server finds the reason in its log.",
  ],
  timeout: ["No complete head of an answer came before the attempt's deadline.", "Answer first, and do the work afterwards."],
  tls_failure: [
    "The TLS connection failed: certificate, name or protocol version.",
    "Renew or complete the certificate chain; the attempt's reason says which.",
  ],
  unknown_fault: [
    "The attempt failed in a way that has no name here.",
    "Look at the attempt's reason. Whoever runs the server finds the error itself in its log.",
  ],
};
