import { createContext, type ReactNode, useContext } from "react";

/** Whether the session may only read, like that of a read-only operator. */
export const ReadOnlyContext = createContext(false);

/** Whether the session may only read. */
export const useReadOnly = (): boolean => useContext(ReadOnlyContext);

/**
 * Controls that change something, which the page of a read-only session omits. The server would refuse them in any
 * case.
 */
export function Acts({ children }: { children: ReactNode }): ReactNode {
  return useReadOnly() ? null : children;
}
