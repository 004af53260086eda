/** The one token of the conformance node. */
export const conformanceToken = "conformance.token";
