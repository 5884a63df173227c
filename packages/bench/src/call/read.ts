/**
 * Reads the available credits once. Each contender's module has a default export that makes such a function for a URL.
 */
export type Read = () => Promise<number>

export interface Balance {
  readonly availableCredits: number
  readonly totalCredits: number
}

/** The base URL, for a contender that adds `/credit/balance` itself. */
export const baseUrlOf = (url: string): string => url.replace(/\/credit\/balance$/, "")
