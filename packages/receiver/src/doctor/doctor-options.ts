/** Options of the doctor. */
export interface DoctorOptions {
  /**
   * The receiver's registered address: one for all lanes, or one for each lane. Without it, only scopes and types are
   * compared.
   */
  url?: string | Readonly<Record<string, string>>;
  /** The SDK's API version. Default: the client's. */
  sdkVersion?: string;
  /** Whether to send an unsigned request to each address, to see what answers. Default: true. */
  probe?: boolean;
  /** The timeout of each of those requests, in milliseconds. Default: 5,000. */
  timeoutMs?: number;
}
