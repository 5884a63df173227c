import { useData } from "vitepress"
import DefaultTheme from "vitepress/theme"
import { nextTick, onMounted, watch } from "vue"
import "./style.css"

/** The front page of the default theme has no main landmark; the other pages bring theirs. */
const setup = (): void => {
  const { frontmatter } = useData()
  const mark = (): void => {
    const content = document.getElementById("VPContent")
    if (frontmatter.value["layout"] === "home") content?.setAttribute("role", "main")
    else content?.removeAttribute("role")
  }
  onMounted(mark)
  watch(frontmatter, () => nextTick(mark))
}

export default { extends: DefaultTheme, setup }
