/**
 * The configuration of one node: one YAML file, this schema, nothing else.
 *
 * 1. Every key has a description: help text and environment names are derived from this schema (`option-table.ts`).
 * 2. Unknown keys are errors, everywhere.
 * 3. No key holds a secret: secrets are files, named here by path.
 * 4. What is a path says so (`path: true`), and is made absolute from the file's own folder.
 */
import { actorNameSchema, personaSchema, roleSchema } from "@federation/core";
import { z } from "zod";

const filePath = z.string().min(1).max(4096).meta({ path: true });
const portNumber = z.int().min(0).max(65_535);

/** A URL with one of these schemes and no password inside. */
function urlOf(schemes: readonly string[], example: string) {
  const expected = `expected ${schemes.map((scheme) => `${scheme}://`).join(", ")} as in ${example}`;
  return z
    .string()
    .max(2048)
    .superRefine((text, context) => {
      if (!URL.canParse(text) || !schemes.includes(new URL(text).protocol.slice(0, -1))) {
        context.addIssue({ code: "custom", message: expected });
      } else if (new URL(text).password !== "") {
        context.addIssue({ code: "custom", message: `${expected}, without a password: that belongs in its own file` });
      }
    });
}

/**
 * A subset of the options of `@federation/inference`, with the same bounds (a test compares them): that package is
 * not loaded for every daemon's configuration.
 */
const ownInferenceSchema = z.strictObject({
  mode: z.literal("own").describe("Whose model: none, shared (another process's worker), or own."),
  model: z
    .string()
    .min(1)
    .max(1024)
    .default("smollm2-135m-instruct")
    .describe("Alias of the model catalogue, `fixture`, or path of a GGUF file."),
  style: z
    .enum(["sentences", "prose"])
    .optional()
    .describe("How a model outside the catalogue is made to write; guessed from its size when not given."),
  choice: z
    .enum(["sentence_likelihood", "library_decision"])
    .optional()
    .describe("How a model outside the catalogue chooses."),
  modelsDir: filePath.optional().describe("Folder of model files; `models` in the state folder when not given."),
  gpu: z
    .union([z.enum(["auto", "cuda", "vulkan", "metal"]), z.literal(false)])
    .default(false)
    .describe("Compute backend: auto, cuda, vulkan, metal, or false for the CPU."),
  gpuDevices: z
    .array(z.int().min(0).max(63))
    .min(1)
    .max(16)
    .optional()
    .describe("Numbers of the GPUs the worker may see; all when not given."),
  gpuLayers: z
    .union([z.enum(["auto", "max"]), z.int().min(0).max(1000)])
    .default("auto")
    .describe("Layers kept on the GPU: a number, auto (what fits) or max."),
  threads: z.int().min(1).max(256).default(1).describe("CPU threads; cores less one on a machine of its own."),
  contextTokens: z.int().min(256).max(1_048_576).default(4096).describe("Tokens of context per conversation."),
  sequences: z.int().min(1).max(32).default(3).describe("Conversations decoded at the same time."),
  flashAttention: z
    .union([z.literal("auto"), z.boolean()])
    .default("auto")
    .describe("Flash attention: auto, true or false."),
});

export const inferenceConfigSchema = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.literal("none") }),
  z.strictObject({
    mode: z.literal("shared"),
    socketPath: filePath.describe("Socket of the worker to use (mode shared)."),
  }),
  ownInferenceSchema,
]);
export type OwnInferenceSettings = z.infer<typeof ownInferenceSchema>;

const gpuSchema = z.strictObject({
  model: z.string().min(1).max(100),
  count: z.int().min(1).max(16).default(1),
  vramGiB: z.number().min(1).max(1024),
});

/** What the machine is: for people, and for choosing a model. */
export const hardwareSchema = z.strictObject({
  machine: z.string().min(1).max(200).describe("What the machine is."),
  gpus: z.array(gpuSchema).max(8).default([]).describe("Its GPUs."),
  memoryGiB: z.number().min(1).max(100_000).optional().describe("Main memory, in GiB."),
});

export const nodeFileSchema = z.strictObject({
  node: z.strictObject({
    name: actorNameSchema.describe("Name of this node, and of the actor it hosts."),
  }),
  profile: z
    .strictObject({
      role: roleSchema.optional().describe("Role of the actor, for people: its rights are in the database."),
      hardware: hardwareSchema.optional(),
      persona: personaSchema.optional().describe("The persona it was registered with, for people."),
    })
    .prefault({}),
  stateDir: filePath.default("state").describe("Folder of what this node may lose: sockets, caches, models."),
  listen: z
    .strictObject({
      host: z.string().min(1).max(255).default("127.0.0.1").describe("Address of the HTTP and WebSocket server."),
      port: portNumber.default(7400).describe("Its port; 0 takes a free one, which is logged."),
      allowedOrigins: z
        .array(z.string().max(300))
        .max(50)
        .default([])
        .describe("Exact browser origins that may open a session, beside the node's own pages; none by default."),
      allowedHosts: z
        .array(z.string().max(255))
        .max(50)
        .default([])
        .describe("Further host names the server answers to, beside loopback and `listen.host`."),
      portal: z.boolean().default(true).describe("Serve the portal's page at /portal/, which a ticket opens."),
    })
    .prefault({}),
  reload: z
    .strictObject({
      watch: z.boolean().default(false).describe("Replace the logic whenever its source files change: in development."),
      startMs: z.int().min(100).max(120_000).default(15_000).describe("How long new logic may take to become ready."),
      probationMs: z
        .int()
        .min(0)
        .max(60_000)
        .default(3_000)
        .describe("How long the old logic stands by, to take over again when the new one fails."),
      drainMs: z
        .int()
        .min(100)
        .max(120_000)
        .default(10_000)
        .describe("How long calls in flight may end on the old logic; then they are repeated on the new one."),
    })
    .prefault({}),
  database: z.strictObject({
    url: urlOf(["postgresql", "postgres"], "postgresql://login@host:5432/federation").describe(
      "PostgreSQL, with this node's login and without its password.",
    ),
    passwordFile: filePath.describe("File that holds that login's password."),
    tls: z
      .strictObject({
        mode: z.enum(["off", "verify"]).default("off").describe("verify: encrypt, check certificate and host name."),
        caFile: filePath.optional().describe("PEM file of the authority to trust instead of the system's."),
      })
      .prefault({}),
    maxConnections: z.int().min(2).max(100).default(8).describe("Largest number of connections of this node."),
  }),
  broker: z.strictObject({
    urls: z
      .array(urlOf(["stomp", "stomp+ssl", "ws", "wss"], "stomp+ssl://host:61614"))
      .min(1)
      .max(16)
      .describe("Brokers, tried in turn."),
    login: z.string().min(1).max(255).describe("This node's account at the broker."),
    passcodeFile: filePath.describe("File that holds that account's passcode."),
    caFile: filePath.optional().describe("PEM file of the authority to trust instead of the system's."),
    prefetch: z.int().min(1).max(1000).default(32).describe("Frames the broker may send ahead of acknowledgement."),
  }),
  inference: inferenceConfigSchema.prefault({ mode: "none" }),
  git: z
    .strictObject({
      repositories: z
        .array(
          z
            .string()
            .max(4200)
            .regex(/^[a-z0-9][a-z0-9-]{0,62}=\/.+/, { error: "expected NAME=/absolute/path/of/a/clone" }),
        )
        .max(64)
        .default([])
        .describe("Clones in which this node commits results, as NAME=/path; missions name them by NAME."),
      signingKeyFile: filePath.optional().describe("The actor's private SSH key, which signs its commits."),
    })
    .refine((git) => git.repositories.length === 0 || git.signingKeyFile !== undefined, {
      path: ["signingKeyFile"],
      error: "is needed with git.repositories; `federation git install` makes one",
    })
    .prefault({}),
  logging: z
    .strictObject({
      level: z.enum(["debug", "info", "warn", "error"]).default("info").describe("Least severe line that is written."),
      pretty: z
        .enum(["auto", "on", "off"])
        .default("auto")
        .describe("Coloured lines instead of JSON; auto: when standard error is a terminal."),
    })
    .prefault({}),
});

/** What may stand in the file. */
export type NodeFile = z.input<typeof nodeFileSchema>;

/**
 * Complete and checked: defaults and overrides applied, paths absolute. It holds no secret, so it may be logged and
 * sent to child processes.
 */
export const nodeConfigSchema = nodeFileSchema.extend({
  /** `FED_INSECURE=1`: plain text to other machines is allowed. Never in the file, so that nobody copies it along. */
  insecure: z.boolean(),
});
export type NodeConfig = z.infer<typeof nodeConfigSchema>;
export type ReloadConfig = NodeConfig["reload"];

/** `deploy/nodes/*.yaml`: what `federation node add --profile` writes into a join folder. */
export const nodeProfileSchema = z.strictObject({
  name: actorNameSchema.describe("Name of the node."),
  role: roleSchema.describe("Role of its actor."),
  description: z.string().min(1).max(600).describe("One or two sentences for people."),
  hardware: hardwareSchema,
  persona: personaSchema.optional().describe("The actor's persona; the role's own when not given."),
  inference: inferenceConfigSchema,
});
export type NodeProfile = z.infer<typeof nodeProfileSchema>;
