import { Journal } from "../journal/journal.ts"
import type { RequestEvent } from "../journal/journal-entry.ts"
import { resolveAccounts } from "../settings/account-options.ts"
import { resolveSettings } from "../settings/options.ts"
import { resolveAdminToken } from "../settings/settings.ts"
import type { MockServerOptions, SettingsHolder } from "../settings/settings.ts"
import { Subscribers } from "../values/subscribers.ts"
import { Tenants } from "../tenant/tenants.ts"

/**
 * What happened on a server, for those who watch. `request`: one arrived or ended. `account`: something of that key was
 * set through the admin API. `cleared`: the requests of that key, or of all, were dropped. `reset`: so was all else of
 * them. Keys are the labels that stand for them, and `null` is all.
 */
export type MockServerEvent =
  | RequestEvent
  | { readonly type: "account"; readonly key: string }
  | { readonly type: "cleared"; readonly key: string | null }
  | { readonly type: "reset"; readonly key: string | null }
  | { readonly type: "settings" }

/** The state of one server, whatever it is reached by. */
export interface Core {
  readonly settings: SettingsHolder
  readonly tenants: Tenants
  readonly journal: Journal
  readonly events: Subscribers<MockServerEvent>
  readonly adminToken: string | undefined
}

/** @throws InvalidOptionError naming the option that cannot be used */
export const createCore = (options: MockServerOptions): Core => {
  const settings: SettingsHolder = { current: resolveSettings(options) }
  const events = new Subscribers<MockServerEvent>()
  const tenants = new Tenants(settings, resolveAccounts(options.accounts))
  return {
    settings,
    tenants,
    journal: new Journal(() => settings.current.maxRequests, tenants, events),
    events,
    adminToken: resolveAdminToken(options)
  }
}
