/** The state of the server, or of the part that concerns a platform. docs/console-api.md describes it. */
export interface SystemState {
  scope: "platform" | "server";
  version: string;
  now: number;
  store: {
    engine: "postgresql" | "sqlite";
    version: string | null;
    schema: number | null;
    settings: Readonly<Record<string, string>> | null;
  };
  disk: {
    bytes: number;
    free_bytes: number | null;
    log_bytes: number | null;
    tables: readonly { name: string; bytes: number }[] | null;
  } | null;
  nodes: readonly ServerNode[] | null;
  deliveries: { due: number; more_due: boolean; oldest_due_at: number | null; quarantined: number | null };
  throughput: { since: number; deliveries: number; delivered: number; per_second: number };
  endpoints: { failing: number; disabled: number };
  limits: Readonly<Record<string, unknown>>;
}

/** A server on a shared database. */
export interface ServerNode {
  name: string;
  version: string | null;
  roles: readonly string[] | null;
  started_at: number | null;
  seen_at: number;
}
