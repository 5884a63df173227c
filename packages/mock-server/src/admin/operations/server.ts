import { AdminError, InvalidOptionError } from "../../values/errors.ts"
import { checkRoom } from "../../settings/accounts.ts"
import { resolveSettings } from "../../settings/options.ts"
import { version } from "../../values/version.ts"
import * as answers from "../answers.ts"
import { operation, tenantOf } from "../operation.ts"
import * as schema from "../schemas.ts"

const nothing = { query: schema.nothing, body: schema.nothing } as const

/** What concerns the server as a whole. */
export const serverOperations = {
  reset: operation({
    id: "reset",
    method: "POST",
    path: "/reset",
    summary: "Begins anew: a key, or all of them, with their books, plans, limits, clocks and requests",
    query: schema.optionalKeyQuery,
    body: schema.nothing
  }, (core, { key }): void => {
    const { events, journal, tenants } = core
    const tenant = key === undefined ? undefined : tenantOf(core, key)
    for (const each of tenant === undefined ? tenants.all() : [tenant]) each.reset()
    journal.clear(tenant?.key)
    events.emit({ type: "reset", key: tenant?.label ?? null })
  }),

  settings: operation({
    ...nothing,
    id: "settings",
    method: "GET",
    path: "/settings",
    summary: "The settings",
    answer: answers.settings
  }, ({ settings }) => settings.current),

  setSettings: operation({
    id: "setSettings",
    method: "PUT",
    path: "/settings",
    summary: "Changes the settings that are named. Keys that are known already keep their books and their limits",
    query: schema.nothing,
    body: schema.settingsInput,
    answer: answers.settings
  }, ({ events, journal, settings, tenants }, _query, input) => {
    const named = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
    try {
      const changed = resolveSettings({ ...settings.current, ...named })
      checkRoom(changed.maxKeys, tenants.configured)
      settings.current = changed
    } catch (error) {
      if (!(error instanceof InvalidOptionError)) throw error
      throw new AdminError(400, "The body cannot be used", [`${error.option}: must be ${error.expected}`])
    }
    journal.trim()
    tenants.trim()
    events.emit({ type: "settings" })
    return settings.current
  }),

  health: operation({
    ...nothing,
    id: "health",
    method: "GET",
    path: "/health",
    summary: "Whether the server runs",
    answer: answers.health
  }, () => ({ status: "ok" as const })),

  ready: operation({
    ...nothing,
    id: "ready",
    method: "GET",
    path: "/ready",
    summary: "Whether the server takes requests",
    answer: answers.ready
  }, () => ({ status: "ready" as const })),

  version: operation({
    ...nothing,
    id: "version",
    method: "GET",
    path: "/version",
    summary: "Which version of the server it is",
    answer: answers.version
  }, () => ({ version }))
}
