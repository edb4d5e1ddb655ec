import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { PrismaClient } from "./generated/client.ts";

/** Runs `work` with Prisma on a handler's `tx`. */
export async function prismaIn<T>(tx: pg.PoolClient, work: (db: PrismaClient) => Promise<T>): Promise<T> {
  const db = new PrismaClient({ adapter: new PrismaPg(new OneClient(tx)) });
  try {
    return await work(db);
  } finally {
    await db.$disconnect();
  }
}

/**
 * The transaction is open already: where Prisma begins and ends one of its own, in `$transaction` and nested writes, it
 * gets a savepoint.
 */
const IN_A_TRANSACTION: Readonly<Record<string, string>> = {
  BEGIN: "SAVEPOINT prisma",
  COMMIT: "RELEASE SAVEPOINT prisma",
  ROLLBACK: "ROLLBACK TO SAVEPOINT prisma",
};

/** A pool that opens no connections, and always gives the one client. */
class OneClient extends pg.Pool {
  constructor(tx: pg.PoolClient) {
    super();
    const query = (statement: string | pg.QueryConfig) => {
      const config = typeof statement === "string" ? { text: statement } : statement;
      return tx.query({ ...config, text: IN_A_TRANSACTION[config.text] ?? config.text });
    };
    const nothing = (): void => undefined;
    const client = { query, on: nothing, removeListener: nothing, release: nothing };
    Object.assign(this, { query, connect: async () => client });
  }
}
