export { type ClaimBook, openClaimBook } from "./claim-book.ts";
export { type Forged, type GitWorld, openGitWorld, type Ran, trailersOf } from "./git-world.ts";
