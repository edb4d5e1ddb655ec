/** An endpoint with the secrets that apply to this request. */
export interface SigningEndpoint {
  name: string;
  connect: boolean;
  secrets: readonly string[];
}
