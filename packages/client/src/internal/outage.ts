import type { PolloError } from "../PolloError.ts"

/**
 * Whether a later call may succeed without anybody's help.
 *
 * That is every retryable error, and a call that ran out of time: it may not be retried within its deadline, but the
 * next call has a deadline of its own.
 */
export const mayPass = (error: PolloError): boolean => error.isRetryable || error._tag === "PolloTimeout"
