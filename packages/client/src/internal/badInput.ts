import type { PolloConfigError } from "../PolloConfigError.ts"
import { PolloBadRequest } from "../PolloError.ts"

/** A mistake found before a request has the class of one that the server would find; no request was sent for it. */
export const badRequest = ({ message }: PolloConfigError): PolloBadRequest =>
  new PolloBadRequest({ status: 400, code: "BAD_REQUEST", message, issues: [{ message }], attempts: 0 })
