/**
 * The version of this package, as in its manifest, which a test compares. It is not read from there: a build would copy
 * the manifest into its output, where `imports` lead nowhere.
 */
export const version = "0.1.0"
