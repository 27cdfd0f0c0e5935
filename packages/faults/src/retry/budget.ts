/** What retries cost and how the budget fills again, in tokens. */
export interface BudgetPolicy {
  readonly capacity: number;
  readonly retryCost: number;
  /** A time-out costs more: it has held a connection for its whole length. */
  readonly timeoutCost: number;
  /** What an operation gives back that succeeded at once. */
  readonly refund: number;
}

/** The retry quota of the SDKs of AWS in "standard" mode. */
export const DEFAULT_BUDGET: BudgetPolicy = {
  capacity: 500,
  retryCost: 5,
  timeoutCost: 10,
  refund: 1,
};

/**
 * A bucket of tokens that all calls to one dependency share. While a few calls fail, they are
 * retried freely; when most do, the bucket runs dry and retries stop adding to the load.
 */
export interface RetryBudget {
  /** Takes the cost of one retry; null where there is not enough. */
  readonly take: (timedOut: boolean) => number | null;
  /** Gives back after a success: the cost of the retry that succeeded, or null for a first one. */
  readonly giveBack: (cost: number | null) => void;
  readonly tokens: () => number;
}

export function createRetryBudget(policy: BudgetPolicy = DEFAULT_BUDGET): RetryBudget {
  let tokens = policy.capacity;
  return {
    take: (timedOut) => {
      const cost = timedOut ? policy.timeoutCost : policy.retryCost;
      if (cost > tokens) return null;
      tokens -= cost;
      return cost;
    },
    giveBack: (cost) => {
      tokens = Math.min(policy.capacity, tokens + (cost ?? policy.refund));
    },
    tokens: () => tokens,
  };
}
