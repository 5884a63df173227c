/** `pnpm build`: what is published of each package, in its folder `dist`. */
import { build, published } from "./packed.ts"

for (const name of published) {
  build(name)
  console.log(`${name}: built`)
}
