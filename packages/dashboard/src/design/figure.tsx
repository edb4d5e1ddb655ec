import type { ReactNode } from "react";

/** A figure with its name, in a row of them. */
export function Figure({ name, value }: { name: string; value: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
