/** A session of the dashboard: somebody has signed in with a key. */
export interface DashboardSessionRow {
  /** SHA-256 of the value of its cookie, in hex. */
  hash: string;
  /** The hash of the key that it acts with in each mode; null where it has none. It ends with that key. */
  testKey: string | null;
  liveKey: string | null;
  /** The hash of the operator's key that opened it; null for one of an account. */
  operatorKey: string | null;
  /** When it was opened, and when it was last used, to the minute. Unix milliseconds. */
  created: number;
  seenAt: number;
}

/** Sessions that have ended by themselves: opened before one time, or not used since another. Unix milliseconds. */
export interface EndedSessions {
  createdBefore: number;
  seenBefore: number;
}

/** The sessions of the dashboard. `Reads.dashboardSession` finds one. */
export interface SessionStore {
  /** Writes a session, and deletes some of those that have ended. */
  insert(row: DashboardSessionRow, ended: EndedSessions): Promise<void>;
  /** Notes that a session was used. Does nothing if it does not exist. */
  noteUse(hash: string, at: number): Promise<void>;
  /** Deletes a session. Does nothing if it does not exist. */
  delete(hash: string): Promise<void>;
}
