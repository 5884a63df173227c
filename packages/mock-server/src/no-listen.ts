import { ListenError } from "./errors.ts"
import type { ListenOptions } from "./listen.ts"

const noSockets = Object.assign(new Error("there is no node:http here. Send requests to fetch instead"), {
  code: "ENOSYS"
})

/** Stands in for `listen.ts` in a bundle for Workers or a browser, which have no `node:http` to load. */
export const listen = (_app: unknown, { host = "127.0.0.1", port = 0 }: ListenOptions): Promise<never> =>
  Promise.reject(new ListenError(host, port, noSockets))
