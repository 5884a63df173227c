import type { DefaultTheme } from "vitepress"

/** The order in which the pages are best read. A test holds that no page is missing. */
export const sidebar: Array<DefaultTheme.SidebarItem> = [
  {
    text: "Begin",
    items: [
      { text: "Start in five minutes", link: "/start" },
      { text: "Testing", link: "/testing" },
      { text: "Examples", link: "/examples" }
    ]
  },
  {
    text: "The client",
    items: [
      { text: "Errors", link: "/errors" },
      { text: "Retries and timeouts", link: "/retries" },
      { text: "Cache", link: "/cache" },
      { text: "Watch", link: "/watch" },
      { text: "Credit budget", link: "/budget" },
      { text: "Redis for a fleet", link: "/redis" },
      { text: "Telemetry", link: "/telemetry" },
      { text: "API reference", link: "/reference/" }
    ]
  },
  {
    text: "The mock server",
    items: [
      { text: "Keys and steps", link: "/mock/steps" },
      { text: "Faults on the wire", link: "/mock/faults" },
      { text: "Accounts, limits, clocks", link: "/mock/accounts" },
      { text: "The journal", link: "/mock/journal" },
      { text: "Admin API and page", link: "/mock/admin" },
      { text: "In code", link: "/mock/in-code" },
      { text: "Command line", link: "/mock/command-line" }
    ]
  }
]
