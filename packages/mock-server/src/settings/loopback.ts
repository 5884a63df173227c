/** The host names that only this machine reaches: `localhost`, `127.0.0.0/8` and `::1`, with or without brackets. */
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i

export const isLoopback = (hostname: string): boolean => loopback.test(hostname)
