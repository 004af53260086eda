/** First of all that the page loads: its policy forbids making code from text, which schemas otherwise try. */
import { z } from "zod";

z.config({ jitless: true });
