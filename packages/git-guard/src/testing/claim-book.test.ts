import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { claimRegistryContract } from "@federation/testkit/contracts";
import { openClaimBook } from "./claim-book.ts";

claimRegistryContract({ name: "the book of claims in memory", open: async () => openClaimBook() });

claimRegistryContract({
  name: "the book of claims in a file",
  async open() {
    const folder = mkdtempSync(path.join(tmpdir(), "claim-book-"));
    const book = openClaimBook(path.join(folder, "book.json"));
    return { ...book, close: async () => rmSync(folder, { recursive: true }) };
  },
});
