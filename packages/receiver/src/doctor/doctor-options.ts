/** How the doctor looks. */
export interface DoctorOptions {
  /** Where the receiver is reached, as it is registered: one address for all lanes, or one for each. Without it, scopes and types alone are compared. */
  url?: string | Readonly<Record<string, string>>;
  /** The API version the SDK is made for; asked of the client unless given. */
  sdkVersion?: string;
  /** Whether an unsigned request is sent to each address, to see what answers. True unless given. */
  probe?: boolean;
  /** How long each of those may take, in milliseconds; 5,000 unless given. */
  timeoutMs?: number;
}
