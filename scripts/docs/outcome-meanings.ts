/**
 * What each outcome of an attempt means to the person who reads it, and what to do. A test compares the names with the
 * code.
 */
export const OUTCOME_MEANINGS: Readonly<Record<string, readonly [happened: string, remedy: string]>> = {
  succeeded: ["The endpoint answered with a status from 200 to 299.", "Nothing. The answer's body does not matter."],
  status: [
    "The endpoint answered with a status that is neither 2xx nor 3xx.",
    "Look at the status and the beginning of the body, both kept with the attempt.",
  ],
  redirect: ["The endpoint answered with a 3xx status. Redirects are not followed.", "Register the address the redirect points to."],
  address_blocked: [
    "This server does not send to the endpoint's address or port. It does not tell which rule forbids it.",
    "Give the endpoint a public address and a port for HTTP, or have its network allowed: see [egress](egress.md).",
  ],
  connection_refused: ["Nothing listens at the address and port.", "Start the receiver, or correct the port."],
  connection_reset: [
    "The connection was closed before the answer was complete.",
    "Look for a crash or a restart of the receiver, or of a proxy before it.",
  ],
  connect_timeout: [
    "No connection was made in time.",
    "Check firewalls and the address; a packet filter that drops silently looks like this.",
  ],
  dns_failure: [
    "The endpoint's name was not found, or no name server answered in time.",
    "Correct the name, or repair its DNS records or its name servers.",
  ],
  headers_too_large: ["The head of the answer is larger than the limit.", "Send fewer or shorter headers."],
  interrupted: ["This server was stopped while the attempt was under way.", "Nothing: the delivery is tried again."],
  invalid_response: [
    "The answer is not valid HTTP/1.1: another protocol, a status below 100, an unrequested `101`, or a contradictory head.",
    "Check that the port speaks HTTP, and whether the URL should begin with https.",
  ],
  invalid_url: ["The endpoint's URL cannot be used.", "Update the endpoint with a complete http or https URL."],
  network_unreachable: [
    "The server's machine has no route to the address.",
    "Check the network and the routes of the machine the server runs on.",
  ],
  proxy_failure: [
    "This server sends through a proxy, but the proxy made no connection.",
    "Check the endpoint's name. The server's log has the reason for its operator.",
  ],
  timeout: ["No complete head of an answer arrived before the attempt's deadline.", "Answer first, and do the work afterwards."],
  tls_failure: [
    "The TLS connection failed: certificate, name or protocol version.",
    "Renew or complete the certificate chain; the attempt's reason says which.",
  ],
  unknown_fault: [
    "The attempt failed in an unexpected way.",
    "Look at the attempt's reason. The server's log has the error for its operator.",
  ],
};
