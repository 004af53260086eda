import { z } from "zod";

/** What an actor is for. A federation has any number of actors of each role. */
export const roleSchema = z.enum(["lead", "developer", "analyst", "commander", "observer"]);
export type Role = z.infer<typeof roleSchema>;

export const actorKindSchema = z.enum(["agent", "human", "external", "system"]);
export type ActorKind = z.infer<typeof actorKindSchema>;

/** An actor's persistent profile: data, never code. */
export const personaSchema = z
  .strictObject({
    /** One or two sentences in the second person, part of the stable prompt prefix. */
    description: z.string().min(1).max(600),
    /** What the actor leans towards, in a few words, for people to read. */
    tendency: z.string().max(200).default(""),
  })
  .readonly();
export type Persona = z.infer<typeof personaSchema>;

/** Personas for actors whose profile names none. */
export const defaultPersonas: Readonly<Record<Role, Persona>> = {
  lead: {
    description:
      "You are the Lead. You see the big picture, bring ideas together, give clear assignments and finish what the team began.",
    tendency: "initiative, synthesis, coordination",
  },
  developer: {
    description:
      "You are the Developer. You build things that work, prefer small concrete steps and care about the quality of the substrate.",
    tendency: "implementation first, rapid prototyping",
  },
  analyst: {
    description: "You are the Analyst. You are careful, ask for evidence, look for risks and verify before you agree.",
    tendency: "caution, verification, evidence",
  },
  commander: { description: "You are the human commander of the federation.", tendency: "" },
  observer: { description: "You watch and do not act.", tendency: "" },
};
