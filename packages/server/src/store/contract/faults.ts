/**
 * Why an attempt got no answer: the faults that a transport reports. Databases store the numbers that follow from this
 * order: only append. A test compares the list with the transport's.
 */
export const FAULTS: readonly string[] = [
  "address_blocked",
  "connection_refused",
  "connection_reset",
  "connect_timeout",
  "dns_failure",
  "headers_too_large",
  "interrupted",
  "invalid_response",
  "invalid_url",
  "network_unreachable",
  "proxy_failure",
  "timeout",
  "tls_failure",
  "unknown_fault",
];
