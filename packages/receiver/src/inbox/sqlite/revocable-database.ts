import type { DatabaseSync, StatementSync } from "node:sqlite";

/**
 * The same database, with statements prepared on it, usable until `mayUse` throws. A handler that keeps it beyond its
 * try must not write into another's transaction.
 */
export function revocableDatabase(db: DatabaseSync, mayUse: () => void): DatabaseSync {
  return new Proxy(db, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...given: unknown[]) => {
        mayUse();
        const result: unknown = Reflect.apply(value, target, given);
        return name === "prepare" ? revocableStatement(result as StatementSync, mayUse) : result;
      };
    },
  });
}

function revocableStatement(statement: StatementSync, mayUse: () => void): StatementSync {
  return new Proxy(statement, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...given: unknown[]) => {
        mayUse();
        return Reflect.apply(value, target, given) as unknown;
      };
    },
  });
}
