/** An endpoint with the secrets that count for this request. */
export interface SigningEndpoint {
  name: string;
  connect: boolean;
  secrets: readonly string[];
}
