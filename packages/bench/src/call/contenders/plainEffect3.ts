import { plainEffect3 } from "@effect-pollo/bench-effect3"

export default plainEffect3
