import { accountOperations } from "./operations/accounts.ts"
import { requestOperations } from "./operations/requests.ts"
import { serverOperations } from "./operations/server.ts"

/** Every call of the admin API, by the name of the method that is the same call in code. */
export const operations = { ...accountOperations, ...requestOperations, ...serverOperations }
