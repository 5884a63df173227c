/** The element of this selector. Throws when the page has none, which is a mistake in the page itself. */
export const find = <Found extends Element>(root: ParentNode, selector: string, type: new() => Found): Found => {
  const found = root.querySelector(selector)
  if (found instanceof type) return found
  throw new Error(`the page has no ${type.name} ${selector}`)
}

/** Changes the text only if it differs, so that a person's selection in it stays. */
export const setText = (element: Element, text: string): void => {
  if (element.textContent !== text) element.textContent = text
}

/** Makes an element with text. The text may come from requests, so it is never parsed as HTML. */
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
