import { ListenError } from "../values/errors.ts"
import { resolveListenOptions } from "../settings/listen-options.ts"
import type { ListenOptions } from "../settings/listen-options.ts"

const noSockets = Object.assign(new Error("there is no node:http here. Send requests to fetch instead"), {
  code: "ENOSYS"
})

/** Stand in for `listen.ts` in a bundle for Workers or a browser, which have no `node:http` to load. */
export const listen = async (_app: unknown, _core: unknown, options: ListenOptions): Promise<never> => {
  const { host, port } = resolveListenOptions(options)
  throw new ListenError(host, port, noSockets)
}

export const listenOverStreams = (): Promise<never> => Promise.reject(noSockets)
