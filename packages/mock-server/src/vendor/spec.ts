import document from "../../spec/openapi.json" with { type: "json" }

/** The vendor's OpenAPI document, as the server sends it. */
export const specText = JSON.stringify(document)
