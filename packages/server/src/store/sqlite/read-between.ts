import type { Reads } from "../contract/transaction.ts";
import { FewSlices, ManyRows } from "../pace.ts";
import type { SecretBox } from "../secret-box.ts";
import type { GroupCommit } from "./database/group-commit.ts";
import { SqliteReads } from "./sqlite-reads.ts";

/**
 * Runs work that only reads, within a group of work. If it examines many rows, it runs again in slices between groups:
 * an account that searches all its data must not delay others. It then sees what is committed meanwhile.
 */
export async function readBetween<T>(
  commits: GroupCommit,
  box: SecretBox,
  work: (reads: Reads) => Promise<T>,
  client?: string,
): Promise<T> {
  try {
    return await commits.run((scope) => work(new SqliteReads(scope, box, new FewSlices())), client);
  } catch (error) {
    if (!(error instanceof ManyRows)) throw error;
    return await work(readsBetween(commits, box, client));
  }
}

/**
 * Each read runs between two groups, when no transaction is open. The slices of a long read run between many groups.
 */
function readsBetween(commits: GroupCommit, box: SecretBox, client: string | undefined): Reads {
  const reads: Reads = new SqliteReads(commits.readingScope(), box, commits);
  return new Proxy(reads, {
    get(_, name) {
      const member: unknown = Reflect.get(reads, name, reads);
      return typeof member === "function"
        ? (...given: unknown[]) => commits.between(() => member.apply(reads, given) as unknown, client)
        : member;
    },
  });
}
