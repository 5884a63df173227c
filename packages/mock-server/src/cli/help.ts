import { envName, flags } from "./options.ts"

const line = (flag: string, help: string): string => `  ${flag.padEnd(23)} ${help}`

/** What `--help` prints: it fits a screen of 80 columns and 24 lines. */
export const helpText = (): string =>
  [
    "Usage: pollo-mock [options]",
    "A local server that speaks the Pollo AI credits API. The x-api-key of a request",
    "says what it gets: mock_503_x2_then_ok fails twice, mock_help lists every step.",
    "",
    ...Object.entries(flags).map(([name, { help, value }]) =>
      line(value === undefined ? `--${name}` : `--${name} <${value}>`, help)
    ),
    line("--config <file>", "JSON: the options by their names in code, and accounts"),
    line("--help, --version", "print this, or the version"),
    "",
    `Each is a variable, such as ${envName("max-requests")}. Flags win over these, and`,
    "these over the file. Exit: 0 stopped, 1 no port, 2 bad option, 143 2nd SIGTERM."
  ].join("\n")
