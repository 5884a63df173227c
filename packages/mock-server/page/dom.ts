/** The element that the page has there. Its absence is a mistake in the page itself. */
export const find = <Found extends Element>(root: ParentNode, selector: string, type: new() => Found): Found => {
  const found = root.querySelector(selector)
  if (found instanceof type) return found
  throw new Error(`the page has no ${type.name} ${selector}`)
}

/** Leaves what is right as it is, so that a selection in it stays. */
export const setText = (element: Element, text: string): void => {
  if (element.textContent !== text) element.textContent = text
}

/** Text comes from requests, so it is only ever set as text. */
export const create = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  ...children: ReadonlyArray<Node | string>
): HTMLElementTagNameMap[Tag] => {
  const element = document.createElement(tag)
  if (className !== "") element.className = className
  element.append(...children)
  return element
}
