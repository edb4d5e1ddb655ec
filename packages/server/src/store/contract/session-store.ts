/** A session of the dashboard: a person has signed in with a key. */
export interface DashboardSessionRow {
  /** SHA-256 of the value of its cookie, in hex. */
  hash: string;
  /** The hash of the key that it acts with in each mode; null in a mode without a key. It ends with that key. */
  testKey: string | null;
  liveKey: string | null;
  /** The hash of the operator's key that opened it; null for an account's session. */
  operatorKey: string | null;
  /** When it was opened, and when it was last used, to the minute. Unix milliseconds. */
  created: number;
  seenAt: number;
}

/** Sessions that have expired: opened before one time, or not used since another. Unix milliseconds. */
export interface EndedSessions {
  createdBefore: number;
  seenBefore: number;
}

/** The sessions of the dashboard. `Reads.dashboardSession` finds one. */
export interface SessionStore {
  /** Writes a session, and deletes some of those that have ended. */
  insert(row: DashboardSessionRow, ended: EndedSessions): Promise<void>;
  /** Records that a session was used. Does nothing if the session does not exist. */
  noteUse(hash: string, at: number): Promise<void>;
  /** Deletes a session. Does nothing if the session does not exist. */
  delete(hash: string): Promise<void>;
}
