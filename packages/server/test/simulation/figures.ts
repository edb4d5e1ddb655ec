/** What happened in one run, or in several together. */
export interface Figures {
  /** Runs in which nothing went wrong but for the receiver that is always dead: they must repeat nothing. */
  calm: number;
  nodes: number;
  /** Events whose publisher was told that they are kept, and those it was told may not be. */
  acknowledged: number;
  unacknowledged: number;
  /** POSTs, and those of an attempt that had been posted before. */
  posts: number;
  repeated: number;
  /**
   * POSTs that arrived when the success of their delivery was settled: sent before that, or by a node that was paused.
   */
  late: number;
  succeeded: number;
  exhausted: number;
  cancelled: number;
  crashes: number;
  pauses: number;
  /** Pauses longer than a lease. */
  pausesBeyondLease: number;
  restarts: number;
  /** Restarts that left nothing undone: they explain no repeat. */
  cleanRestarts: number;
  /** Deliveries that a node leased for another, which sends; and those that it found by itself, or gave back. */
  handedOver: number;
  handedFound: number;
  handedBack: number;
  /** Leases of nodes that were gone, ended by others. */
  takenOver: number;
  /** Settlements refused because their lease was another's. */
  fenced: number;
  /** Settlements refused because they had been kept, and the answer was lost. */
  settledAgain: number;
  /** Calls of the database that failed before they did anything. */
  callsFailed: number;
  /** Transactions that did their work and could not commit. */
  commitsFailed: number;
  /** Changes that were kept and whose answer was lost. */
  commitsUnknown: number;
  answersSlow: number;
  partitions: number;
  databaseStops: number;
  clockJumps: number;
  receiverOutages: number;
  answersLost: number;
  endpointChanges: number;
  disabledAsFailing: number;
  /** Changes of an endpoint's health that its owner is notified of. */
  endpointsTold: number;
  tasks: number;
  simulatedMs: number;
}

export function noFigures(): Figures {
  return {
    calm: 0,
    nodes: 0,
    acknowledged: 0,
    unacknowledged: 0,
    posts: 0,
    repeated: 0,
    late: 0,
    succeeded: 0,
    exhausted: 0,
    cancelled: 0,
    crashes: 0,
    pauses: 0,
    pausesBeyondLease: 0,
    restarts: 0,
    cleanRestarts: 0,
    handedOver: 0,
    handedFound: 0,
    handedBack: 0,
    takenOver: 0,
    fenced: 0,
    settledAgain: 0,
    callsFailed: 0,
    commitsFailed: 0,
    commitsUnknown: 0,
    answersSlow: 0,
    partitions: 0,
    databaseStops: 0,
    clockJumps: 0,
    receiverOutages: 0,
    answersLost: 0,
    endpointChanges: 0,
    disabledAsFailing: 0,
    endpointsTold: 0,
    tasks: 0,
    simulatedMs: 0,
  };
}

export function addFigures(sum: Figures, more: Figures): void {
  for (const name of Object.keys(sum) as (keyof Figures)[]) sum[name] += more[name];
}
