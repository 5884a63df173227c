import { wholeNumber } from "../values/checks.ts"
import { InvalidOptionError } from "../values/errors.ts"

/** Options of `listen`. */
export interface ListenOptions {
  /**
   * From 0 to 65535; 0 takes any free port.
   *
   * @default 0
   */
  readonly port?: number | undefined
  /** @default "127.0.0.1" */
  readonly host?: string | undefined
}

/** @throws InvalidOptionError naming the option that cannot be used */
export const resolveListenOptions = (
  { host = "127.0.0.1", port = 0 }: { readonly [Name in keyof ListenOptions]?: unknown }
) => {
  if (typeof host !== "string" || host === "") {
    throw new InvalidOptionError("host", "a host name or an IP address", host)
  }
  return { host, port: wholeNumber("port", port, 0, 65_535) }
}

/** The host names that only this machine reaches: `localhost`, `127.0.0.0/8` and `::1`, with or without brackets. */
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i

export const isLoopback = (hostname: string): boolean => loopback.test(hostname)
