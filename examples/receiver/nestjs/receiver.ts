import { createReceiver } from "@carabiner/receiver";
import { postgresInbox } from "@carabiner/receiver/postgres";
import pg from "pg";

export function receiver() {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
  return createReceiver({
    endpoints: { connect: { secret: process.env.WHSEC_CONNECT ?? "", connect: true } },
    livemode: false,
    inbox: postgresInbox(pool),
  });
}

export type Hooks = ReturnType<typeof receiver>;

/** Names the receiver for `@Inject`. */
export const HOOKS = Symbol("hooks");
