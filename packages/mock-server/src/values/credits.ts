/** The largest amount, and balance, of credits: hundredths of it are still exact. */
export const maxCredits = 1e12

/** Whether a ledger can hold that amount: at most two decimals, and no more than {@link maxCredits} either way. */
export const isCredits = (value: number): boolean =>
  Math.abs(value) <= maxCredits && Math.round(value * 100) / 100 === value

/** Sums of hundredths are exact where sums of credits are not. */
export const toHundredths = (credits: number): number => Math.round(credits * 100) + 0 // Never -0.

export const toCredits = (hundredths: number): number => hundredths / 100
