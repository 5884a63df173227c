import { hang } from "./hang.ts"
import { reset } from "./reset.ts"
import { truncated } from "./truncated.ts"

/** Every fault, by the name that steps use. */
export const wireFaults = { hang, reset, truncated }

export type WireFaultName = keyof typeof wireFaults
