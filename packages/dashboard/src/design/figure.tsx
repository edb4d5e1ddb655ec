import type { ReactNode } from "react";
import { Link } from "wouter";

interface FigureProps {
  name: string;
  value: ReactNode;
  /** The list of what the figure counts. */
  href?: string | undefined;
}

/** A figure with its name, in a row of them. */
export function Figure({ name, value, href }: FigureProps): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{href === undefined ? value : <Link href={href}>{value}</Link>}</dd>
    </div>
  );
}
