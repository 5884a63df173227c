/** The address of the repository, from which those of the home page and the bugs follow. */

/** Why an address cannot be it. */
export const mistakeIn = (address: string): string | undefined => {
  if (!URL.canParse(address)) return `Not an address: ${address}`
  const { hostname, pathname, protocol } = new URL(address)
  if (protocol !== "https:") return "The address begins with https://"
  if (/(^|\.)(example|invalid|localhost|test)(\.|$)/.test(hostname)) return `Nobody can own ${hostname}`
  return /^\/[\w.-]+\/[\w.-]+$/.test(pathname) ? undefined : "The address ends in /owner/name"
}

/** The manifest of the workspace with it. */
export const addressed = <A extends object>(manifest: A, address: string) => {
  const base = address.replace(/\.git$/, "")
  return {
    ...manifest,
    homepage: `${base}#readme`,
    bugs: { url: `${base}/issues` },
    repository: { type: "git", url: `git+${base}.git` }
  }
}
