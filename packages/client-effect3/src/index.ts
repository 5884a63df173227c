/** @since 0.1.0 */
export { CreditBalance } from "./CreditBalance.ts"
export { PolloConfigError } from "./PolloConfigError.ts"
export { PolloCredits } from "./PolloCredits.ts"
export {
  PolloApiError,
  PolloBadRequest,
  PolloError,
  PolloForbidden,
  PolloInvalidResponse,
  PolloNotFound,
  PolloRateLimited,
  PolloServerError,
  PolloTimeout,
  PolloTransportError,
  PolloUnauthorized
} from "./PolloError.ts"
export { RequestPolicy } from "./RequestPolicy.ts"
