import { Component, type ReactNode } from "react";

interface BoundaryProps {
  /** The address of the page: on another address it is tried again. */
  at?: string;
  /** What is shown instead of the part that failed. */
  instead(error: Error): ReactNode;
  children: ReactNode;
}

interface BoundaryState {
  error: Error | null;
  at: string | undefined;
}

/** Keeps the rest of the page when a part of it cannot be drawn because its script cannot be loaded or has a bug. */
export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { error: null, at: this.props.at };

  static getDerivedStateFromError(error: Error): Partial<BoundaryState> {
    return { error };
  }

  static getDerivedStateFromProps({ at }: BoundaryProps, state: BoundaryState): BoundaryState | null {
    return at === state.at ? null : { error: null, at };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error === null ? this.props.children : this.props.instead(error);
  }
}
