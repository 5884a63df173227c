import { Journal } from "../journal/journal.ts"
import type { RequestEvent } from "../journal/journal-entry.ts"
import { resolveAccounts } from "../settings/account-options.ts"
import { resolveSettings } from "../settings/options.ts"
import { resolveAdminToken } from "../settings/settings.ts"
import type { MockServerOptions, SettingsHolder } from "../settings/settings.ts"
import { Subscribers } from "../values/subscribers.ts"
import { Tenants } from "../tenant/tenants.ts"

/**
 * An event of a server. `request`: one arrived or ended. `account`: something of that key was set through the admin
 * API. `cleared`: the requests of that key were dropped. `reset`: the key is back to its configuration, without
 * requests. `key` is the label that stands for the key, or `null` for all keys.
 */
export type MockServerEvent =
  | RequestEvent
  | { readonly type: "account"; readonly key: string }
  | { readonly type: "cleared"; readonly key: string | null }
  | { readonly type: "reset"; readonly key: string | null }
  | { readonly type: "settings" }

/** The state of one server, which all its transports share. */
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
