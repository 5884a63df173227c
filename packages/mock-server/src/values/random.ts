/** Numbers from 0 up to, but not including, 1. */
export type Random = () => number

/** FNV-1a over UTF-16 code units. */
const hash = (text: string): number => {
  let state = 0x811c9dc5
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193)
  return state
}

/**
 * The sequence that belongs to a seed and a name: the same for both, whatever else happens in the process. Good enough
 * for delays and garbage (a Weyl sequence through a 32 bit mixer), and for nothing secret.
 */
export const seededRandom = (seed: number, name: string): Random => {
  let state = hash(`${seed}:${name}`)
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

/** A normal distribution with mean 0 and deviation 1, by Box and Muller. */
export const standardNormal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
