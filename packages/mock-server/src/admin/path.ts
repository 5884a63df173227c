/** Where the admin API lives, beside the vendor's. */
export const adminPath = "/__admin"
