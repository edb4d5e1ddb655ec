/**
 * Whether a `Host` header names this machine itself, or the host of the server's public URL. A name that an attacker
 * has pointed at this machine (DNS rebinding) is neither.
 */
export function isOwnHost(host: string | undefined, publicUrl: string): boolean {
  const asked = URL.parse(`http://${host ?? ""}/`);
  if (asked === null || asked.username !== "") return false;
  return isLoopbackName(asked.hostname) || asked.hostname === new URL(publicUrl).hostname;
}

/** Whether the host of a URL is this machine. Source for names below `localhost`: RFC 6761, 6.3 */
export function isLoopbackName(hostname: string): boolean {
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
