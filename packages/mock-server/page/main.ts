import type { WatchedState } from "../src/admin/watched.ts"
import type { JournalEntry } from "../src/journal/journal-entry.ts"
import { AccountList } from "./accounts.ts"
import { adminToken, call, explain } from "./api.ts"
import type { RefusedError } from "./api.ts"
import { find, setText } from "./dom.ts"
import { Frames } from "./frames.ts"
import { newsOf, RequestList } from "./requests.ts"
import { listen } from "./stream.ts"

const connection = find(document, "#connection", HTMLElement)
const problem = find(document, "#problem", HTMLElement)
const tokenForm = find(document, "#token-form", HTMLFormElement)

const requests = new RequestList()
const accounts = new AccountList((label) => requests.showOnly(label))
const frames = new Frames({
  requests: (entries) => requests.add(entries),
  accounts: (watched) => accounts.update(watched)
})

const showConnection = (state: "live" | "lost" | "refused", text: string): void => {
  connection.dataset["state"] = state
  setText(connection, text)
}

const showProblem = (text: string): void => {
  setText(problem, text)
  problem.hidden = text === ""
}

/** A screen reader is told of new requests this often, of all that came meanwhile in one sentence. */
const newsMillis = 4000
let news: Array<JournalEntry> = []
const addNews = (entries: ReadonlyArray<JournalEntry>): void => {
  const ended = entries.filter(({ outcome }) => outcome !== "open")
  if (ended.length === 0) return
  if (news.length === 0) {
    setTimeout(() => {
      setText(find(document, "#news", HTMLElement), newsOf(news))
      news = []
    }, newsMillis)
  }
  news.push(...ended)
}

/** Resolves when there is a token to try. */
const askForToken = (): Promise<void> => {
  const input = find(tokenForm, "input", HTMLInputElement)
  if (adminToken.get() !== null) setText(find(tokenForm, "p", HTMLElement), "The server refused that admin token.")
  tokenForm.hidden = false
  input.focus()
  return new Promise((resolve) => {
    const use = (event: SubmitEvent): void => {
      event.preventDefault()
      if (!adminToken.isPossible(input.value)) {
        // A header cannot hold this token, so a request with it would fail before it is sent.
        setText(
          find(tokenForm, "p", HTMLElement),
          "No token has such characters. Typographic quotation marks and spaces come along when text is copied."
        )
        input.setAttribute("aria-invalid", "true")
        return input.focus()
      }
      tokenForm.removeEventListener("submit", use)
      input.removeAttribute("aria-invalid")
      adminToken.set(input.value)
      input.value = ""
      tokenForm.hidden = true
      resolve()
    }
    tokenForm.addEventListener("submit", use)
  })
}

const onRefused = (error: RefusedError): Promise<void> => {
  if (error.status === 401) {
    showConnection("refused", "Waiting for the token")
    return askForToken()
  }
  showConnection("refused", "Refused")
  showProblem(error.message)
  return new Promise((resolve) => void setTimeout(resolve, 5000))
}

const onButton = (id: string, action: () => Promise<unknown>): void =>
  find(document, id, HTMLButtonElement).addEventListener("click", () => {
    action().then(() => showProblem(""), (error: unknown) => showProblem(explain(error)))
  })

onButton("#clear", () => call("DELETE", "/requests"))
onButton("#reset-all", async () => {
  if (confirm("Reset every key, with its balance, plan, clock and requests?")) await call("POST", "/reset")
})

const showState = ({ basePath, version, ...state }: WatchedState): void => {
  const baseUrl = location.origin + basePath
  setText(find(document, "#version", HTMLElement), version)
  setText(find(document, "#base-url", HTMLElement), baseUrl)
  setText(
    find(document, "#curl", HTMLElement),
    `curl -i -H 'x-api-key: mock_503_x2_then_ok' ${baseUrl}/credit/balance`
  )
  find(document, "#main", HTMLElement).hidden = false
  frames.clear()
  requests.replace(state.requests, basePath)
  accounts.replace(state)
}

void listen({
  onConnected: () => {
    showConnection("live", "Live")
    showProblem("")
  },
  onLost: () => showConnection("lost", "No connection, trying again"),
  onRefused,
  onEvent: ({ data, name }) => {
    switch (name) {
      case "state":
        return showState(data)
      case "requests":
        frames.addRequests(data.requests)
        return addNews(data.requests)
      case "accounts":
        return frames.addAccounts(data)
    }
  }
})
