/**
 * Whether a path belongs to the v2 API, which has different rules: JSON in requests, a version in each request, and
 * another form of errors. Source: https://docs.stripe.com/api-v2-overview
 */
export function isV2(path: string): boolean {
  return path.startsWith("/v2/");
}
