/** What only the v2 API decides about an account. */
export interface Configured {
  /** Whether v2 created it. Then it has only the capabilities that were requested, and none by default. */
  made: boolean;
  /** The configurations that were applied or deactivated, by name. */
  applied: Readonly<Partial<Record<"customer" | "merchant" | "recipient", boolean>>>;
  /** Whether its responsibilities were chosen, which happens only once. */
  responsible: boolean;
  /** The id of the customer that it is to the platform that created it, once its customer configuration was applied. */
  customer?: string;
}

/** The value for an account that v1 created and v2 has not changed. */
export const NOT_CONFIGURED: Configured = { made: false, applied: {}, responsible: true };
