/** Amounts of credits as they are kept: whole millionths, so that sums are exact in JavaScript and in Lua. */

declare const unit: unique symbol

/** Whole millionths of a credit. The brand keeps credits from being passed by mistake. */
export type Units = number & { readonly [unit]: true }

const unitsPerCredit = 1_000_000

/** For a number that is known to count units: a sum of them, or what a store has kept. */
// A brand cannot be given without an assertion; this is the only one.
export const units = (count: number): Units => count as Units

export const none: Units = units(0)

/** Sums and products of decimals leave noise (`0.07 * 1e6` is not 70000): past 15 digits, below a thousandth unit. */
const scale = (credits: number): number => Number(Number((credits * unitsPerCredit).toPrecision(15)).toFixed(3))

/** Units of a cost, rounded up. A cost that is too large to count is larger than every balance. */
export const costUnits = (credits: number): Units => units(Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(scale(credits))))

/** Units of a balance, rounded down. */
export const balanceUnits = (credits: number): Units =>
  units(Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER - 1, Math.floor(scale(credits)))))

export const toCredits = (amount: Units): number => amount / unitsPerCredit
