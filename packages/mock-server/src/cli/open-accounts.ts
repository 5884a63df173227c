import { adminPath } from "../admin/path.ts"
import type { MockServer } from "../mock-server.ts"
import { ConfigFileError, isObject } from "./config-file.ts"
import type { ConfigAccount } from "./config-file.ts"

/** The issues of an error answer of the admin API; its message where it has none. */
const issuesOf = async (response: Response): Promise<string> => {
  const body: unknown = await response.json()
  if (!isObject(body)) return String(response.status)
  const issues = Array.isArray(body.issues) ? body.issues.map(({ message }) => String(message)) : []
  return issues.length > 0 ? issues.join("; ") : String(body.message)
}

/**
 * Opens the accounts of a config file, and sets the plans of those that name `steps`, by way of the admin API, which
 * checks them.
 *
 * @throws ConfigFileError naming the account and the field
 */
export const openAccounts = async (
  server: MockServer,
  accounts: ReadonlyArray<ConfigAccount>,
  adminToken: string | undefined
): Promise<void> => {
  const authorization = adminToken === undefined ? {} : { authorization: `Bearer ${adminToken}` }
  const put = async ({ key, source }: ConfigAccount, call: string, body: unknown): Promise<void> => {
    const response = await server.fetch(
      new Request(`http://127.0.0.1${adminPath}/accounts/${encodeURIComponent(key)}${call}`, {
        method: "PUT",
        headers: { "content-type": "application/json", ...authorization },
        body: JSON.stringify(body)
      })
    )
    if (!response.ok) throw new ConfigFileError(`${source}: ${await issuesOf(response)}`)
  }
  for (const account of accounts) {
    const { steps, ...books } = account.settings
    if (Object.keys(books).length > 0 || steps === undefined) await put(account, "", books)
    if (steps !== undefined) await put(account, "/plan", { steps })
  }
}
