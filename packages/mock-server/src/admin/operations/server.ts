import { checkRoom } from "../../settings/account-options.ts"
import { resolveSettings } from "../../settings/options.ts"
import { version } from "../../values/version.ts"
import * as answers from "../answers.ts"
import { operation, tenantOf } from "../operation.ts"
import { checked } from "../refuse.ts"
import * as schema from "../schemas.ts"

const nothing = { query: schema.nothing, body: schema.nothing } as const

/** What concerns the server as a whole. */
export const serverOperations = {
  reset: operation("reset", {
    query: schema.optionalKeyQuery,
    body: schema.nothing
  }, (core, { key }): void => {
    const { events, journal, tenants } = core
    const tenant = key === undefined ? undefined : tenantOf(core, key)
    for (const each of tenant === undefined ? tenants.all() : [tenant]) each.reset()
    journal.clear(tenant?.key)
    events.emit({ type: "reset", key: tenant?.label ?? null })
  }),

  settings: operation("settings", {
    ...nothing,
    answer: answers.settings
  }, ({ settings }) => settings.current),

  setSettings: operation("setSettings", {
    query: schema.nothing,
    body: schema.settingsInput,
    answer: answers.settings
  }, ({ events, journal, settings, tenants }, _query, input) => {
    const named = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
    settings.current = checked(() => {
      const changed = resolveSettings({ ...settings.current, ...named })
      checkRoom(changed.maxKeys, tenants.configured)
      return changed
    })
    journal.trim()
    tenants.trim()
    events.emit({ type: "settings" })
    return settings.current
  }),

  health: operation("health", {
    ...nothing,
    answer: answers.health
  }, () => ({ status: "ok" as const })),

  ready: operation("ready", {
    ...nothing,
    answer: answers.ready
  }, () => ({ status: "ready" as const })),

  version: operation("version", {
    ...nothing,
    answer: answers.version
  }, () => ({ version }))
}
