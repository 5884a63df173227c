import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { scrubber } from "../src/index.ts"

const codes = (text: string): ReadonlyArray<string> =>
  Array.from(text, (char) => char.charCodeAt(0).toString(16).padStart(2, "0"))
const each = (write: (hex: string) => string) => (key: string) => codes(key).map(write).join("")
const upper = (write: (key: string) => string) => (key: string) => write(key).toUpperCase()
const json = (text: string): string => JSON.stringify(text).slice(1, -1)

/** What a server may write in place of the key. */
const forms: Readonly<Record<string, (key: string) => string>> = {
  "as it is": (key) => key,
  "in upper case": (key) => key.toUpperCase(),
  "in lower case": (key) => key.toLowerCase(),
  "percent-encoded": encodeURIComponent,
  "percent-encoded, with digits in lower case": (key) =>
    encodeURIComponent(key).replaceAll(/%../g, (code) => code.toLowerCase()),
  "percent-encoded in every character": each((hex) => `%${hex}`),
  "percent-encoded in some characters": (key) =>
    codes(key).map((hex, index) => index % 2 === 0 ? `%${hex.toUpperCase()}` : key[index]).join(""),
  "percent-encoded in lower case": (key) => encodeURIComponent(key.toLowerCase()),
  "percent-encoded twice": (key) => encodeURIComponent(encodeURIComponent(key)),
  "percent-encoded three times": each((hex) => `%2525${hex}`),
  "in hex": each((hex) => hex),
  "in hex, in upper case": upper(each((hex) => hex)),
  "in hex, with colons": (key) => codes(key).join(":"),
  "in hex, as a list of bytes": (key) => codes(key).map((hex) => `0x${hex}`).join(", "),
  "with escapes of JSON": json,
  "with escapes of JSON, twice": (key) => json(json(key)),
  "with a slash escaped": (key) => json(key).replaceAll("/", "\\/"),
  "with a Unicode escape in every character": each((hex) => `\\u00${hex}`),
  "with Unicode escapes in upper case": each((hex) => `\\u00${hex.toUpperCase()}`),
  "with Unicode escapes, escaped again": each((hex) => `\\\\u00${hex}`),
  "with escapes of JavaScript": each((hex) => `\\x${hex}`),
  "with code points in braces": each((hex) => `\\u{${hex}}`),
  "with entities of HTML": (key) =>
    key.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\"", "&quot;"),
  "with numbered entities of HTML": (key) => Array.from(key, (char) => `&#${char.charCodeAt(0)};`).join(""),
  "with entities of HTML in hex": each((hex) => `&#x${hex};`)
}

const visible = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code))
const key = fc.oneof(
  fc.string({ unit: visible, minLength: 8, maxLength: 80 }),
  fc.string({ unit: fc.constantFrom("\\", "/", "%", "\"", "&", "u", "0", "2", "5", "a"), minLength: 8, maxLength: 40 })
)

describe("the key", () => {
  it.each(Object.entries(forms))("is taken out %s", (_, write) => {
    fc.assert(
      fc.property(key, (key) => {
        const said = scrubber(key)(`no key "${write(key)}" here`)
        expect(said).not.toContain(write(key))
        expect(said.startsWith("no key \"")).toBe(true)
        expect(said.endsWith("\" here")).toBe(true)
      }),
      { numRuns: 100 }
    )
  })

  const encodings = [["base64", (text: string) => text], ["base64url", (text: string) => text], [
    "base64, percent-encoded",
    encodeURIComponent
  ]] as const
  it.each(encodings)("is taken out in %s, wherever in a group of three it begins", (name, write) => {
    fc.assert(
      fc.property(key, fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (key, before, after) => {
        const encoding = name === "base64url" ? "base64url" : "base64"
        const bytes = Buffer.concat([Buffer.from(before), Buffer.from(key), Buffer.from(after)])
        const offset = Buffer.from(before).length
        // The digits that hold nothing but bits of the key.
        const digits = bytes.toString(encoding).slice(
          Math.ceil(offset * 8 / 6),
          Math.floor((offset + key.length) * 8 / 6)
        )
        const said = scrubber(key)(`Authorization: ${write(bytes.toString(encoding))}`)
        expect(said).not.toContain(write(digits))
        expect(said).toContain("<redacted>")
      }),
      { numRuns: 200 }
    )
  })

  it("of fewer than 8 characters is not searched for", () => {
    expect(scrubber("message")("the message")).toBe("the message")
    expect(scrubber("messages")("the messages")).toBe("the <redacted>")
  })

  it("that is longer than any real one takes the whole text with it", () => {
    expect(scrubber("k".repeat(5_000))("what was said")).toBe("<redacted>")
    expect(scrubber("k".repeat(1_024))(`<${"k".repeat(1_024)}>`)).toBe("<<redacted>>")
  })

  it("leaves all other text as it is", () => {
    const scrub = scrubber("pollo_5f2c9a7be1d04")
    for (const text of ["", "The API key is not valid", "pollo_5f2c9a7be1d05", "%70%6f", "\\u0070", "cG9sbG9f"]) {
      expect(scrub(text)).toBe(text)
    }
  })

  const hostile = ["\\", "%25", "%", "&#0", "\\x", "\\u00", " a", "0x", "=", "A "]
  it.each(hostile)("is searched for in little time, whatever a server sends: %j", (part) => {
    const scrub = scrubber(`${"\\".repeat(12)}/%25%25%"&aaaa0x0x`)
    const text = part.repeat(Math.ceil(65_536 / part.length))
    const started = performance.now()
    scrub(text)
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})
