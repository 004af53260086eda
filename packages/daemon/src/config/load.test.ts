import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MeshError } from "@federation/core";
import { findModel, inferenceOptionsSchema } from "@federation/inference";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { loadNodeConfig, loadNodeProfile, nodeOptionTable, readNodeSecrets } from "./index.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fed-config-"));
  mkdirSync(join(folder, "secrets"));
  for (const name of ["database-password", "broker-passcode"]) {
    writeFileSync(join(folder, "secrets", name), `${name}-value\n`, { mode: 0o600 });
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const minimal = {
  node: { name: "baby" },
  database: { url: "postgresql://fed_baby@127.0.0.1:5432/federation", passwordFile: "secrets/database-password" },
  broker: { urls: ["stomp://127.0.0.1:61613"], login: "baby", passcodeFile: "secrets/broker-passcode" },
};

function write(content: unknown): string {
  const path = join(folder, "node.yaml");
  writeFileSync(path, typeof content === "string" ? content : stringify(content));
  return path;
}

function problems(content: unknown, environment: Record<string, string> = {}): readonly unknown[] {
  const path = write(content);
  try {
    loadNodeConfig(path, environment);
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    expect(error.code).toBe("config_invalid");
    expect(error.message).toContain(path);
    const found = error.details["problems"];
    return Array.isArray(found) ? found : [];
  }
  throw new Error("the configuration was accepted");
}

describe("a node's configuration", () => {
  it("is complete after loading: defaults filled in, paths absolute from the file's folder", () => {
    const { config, warnings } = loadNodeConfig(write(minimal), {});
    expect(config).toMatchObject({
      listen: { host: "127.0.0.1", port: 7400, allowedOrigins: [], allowedHosts: [], portal: true },
      inference: { mode: "none" },
      logging: { level: "info", pretty: "auto" },
      stateDir: join(folder, "state"),
      database: { passwordFile: join(folder, "secrets/database-password"), tls: { mode: "off" } },
      insecure: false,
    });
    expect(warnings).toEqual([]);
  });

  it("means the same when its folder is copied elsewhere", () => {
    write(minimal);
    const copy = `${folder}-copy`;
    cpSync(folder, copy, { recursive: true });
    rmSync(folder, { recursive: true });
    const { config } = loadNodeConfig(join(copy, "node.yaml"), {});
    expect(readNodeSecrets(config).databasePassword).toBe("database-password-value");
    rmSync(copy, { recursive: true });
  });

  it("holds no secret", () => {
    const { config } = loadNodeConfig(write(minimal), {});
    expect(JSON.stringify(config)).not.toContain("-value");
    expect(readNodeSecrets(config)).toEqual({
      databasePassword: "database-password-value",
      brokerPasscode: "broker-passcode-value",
    });
  });

  it("names an unknown key and the nearest known one", () => {
    expect(problems({ ...minimal, listen: { prot: 7401 } })).toEqual([
      'unknown key "listen.prot"; the nearest known key is "listen.port"',
    ]);
    expect(problems({ ...minimal, brokr: {} })).toEqual(['unknown key "brokr"; the nearest known key is "broker"']);
    expect(problems({ ...minimal, database: { ...minimal.database, password: "hunter2" } })).toEqual([
      'unknown key "database.password"; the nearest known key is "database.passwordFile"',
    ]);
  });

  it("lists the known keys where none is near", () => {
    expect(problems({ ...minimal, logging: { zebra: 1 } })).toEqual([
      'unknown key "logging.zebra"; known here: logging.level, logging.pretty',
    ]);
  });

  it("names a key with a bad value, what it is and what was expected", () => {
    expect(problems({ ...minimal, listen: { port: 70_000 } })).toEqual([
      '"listen.port" is 70000; expected number to be <=65535 (Its port; 0 takes a free one, which is logged.)',
    ]);
    expect(problems({ ...minimal, logging: { level: "loud" } })).toEqual([
      '"logging.level" is "loud"; expected one of "debug"|"info"|"warn"|"error" (Least severe line that is written.)',
    ]);
    expect(problems({ ...minimal, inference: { mode: "own", model: "m", gpu: "rocm" } })).toEqual([
      '"inference.gpu" is "rocm"; expected auto | cuda | vulkan | metal | false (Compute backend: auto, cuda, vulkan, metal, or false for the CPU.)',
    ]);
    expect(problems({ ...minimal, inference: { mode: "borrowed" } })[0]).toContain(
      '"inference.mode" is "borrowed"; expected none | shared | own',
    );
  });

  it("names a missing key and what it is for", () => {
    const { login: _login, ...broker } = minimal.broker;
    expect(problems({ ...minimal, broker })).toEqual([
      'missing key "broker.login": text (This node\'s account at the broker.)',
    ]);
  });

  it("tells all problems at once", () => {
    expect(problems({ ...minimal, listen: { prot: 1, port: -1 } })).toHaveLength(2);
  });

  it("refuses a password inside a URL without repeating it", () => {
    const found = problems({
      ...minimal,
      database: { ...minimal.database, url: "postgresql://a:hunter2@localhost/f" },
    });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('"database.url" is "postgresql://a:***@localhost/f"');
    expect(found[0]).toContain("that belongs in its own file");
    expect(found[0]).not.toContain("hunter2");
  });

  it("names the key and the file of a missing, empty or odd secret", () => {
    rmSync(join(folder, "secrets/database-password"));
    writeFileSync(join(folder, "secrets/broker-passcode"), "\n");
    const database = join(folder, "secrets/database-password");
    expect(problems(minimal)).toEqual([
      `"database.passwordFile": the secret's file does not exist; put the secret, alone on one line, into ${database}`,
      `"broker.passcodeFile": the secret's file is empty; put the secret, alone on one line, into ${join(folder, "secrets/broker-passcode")}`,
    ]);
    mkdirSync(database);
    expect(problems(minimal)[0]).toContain("that is not a plain file");
  });

  it("warns of a secret that others may read, and of a variable that is no option", () => {
    chmodSync(join(folder, "secrets/broker-passcode"), 0o644);
    const { warnings } = loadNodeConfig(write(minimal), {
      FEDERATION_LISTEN_PROT: "1",
      FEDERATION_TEST_BROKER_URL: "x",
    });
    expect(warnings).toEqual([
      "FEDERATION_LISTEN_PROT is not an option.",
      `${join(folder, "secrets/broker-passcode")} can be read by others on this machine; chmod 600 it.`,
    ]);
  });

  it("is overridden by the environment, by one name per option", () => {
    const environment = {
      FEDERATION_LISTEN_PORT: "0",
      FEDERATION_LISTEN_PORTAL: "false",
      FEDERATION_LISTEN_ALLOWED_ORIGINS: "https://portal.example, https://other.example",
      FEDERATION_LISTEN_ALLOWED_HOSTS: "portal.example",
      FEDERATION_LOGGING_LEVEL: "debug",
      FEDERATION_BROKER_URLS: "stomp://localhost:1, stomp://127.0.0.1:2",
      FEDERATION_INFERENCE_MODE: "own",
      FEDERATION_INFERENCE_MODEL: "models/x.gguf",
      FEDERATION_INFERENCE_GPU: "false",
      FEDERATION_INFERENCE_GPU_LAYERS: "12",
      FEDERATION_INFERENCE_GPU_DEVICES: "0,1",
      FEDERATION_STATE_DIR: "",
    };
    const { config, warnings } = loadNodeConfig(write(minimal), environment);
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      listen: {
        port: 0,
        portal: false,
        allowedOrigins: ["https://portal.example", "https://other.example"],
        allowedHosts: ["portal.example"],
      },
      logging: { level: "debug" },
      broker: { urls: ["stomp://localhost:1", "stomp://127.0.0.1:2"] },
      inference: { mode: "own", model: join(folder, "models/x.gguf"), gpu: false, gpuLayers: 12, gpuDevices: [0, 1] },
    });
  });

  it("names the variable when an override is bad or does not apply", () => {
    expect(problems(minimal, { FEDERATION_LISTEN_PORT: "many" })).toEqual([
      'FEDERATION_LISTEN_PORT (listen.port) is "many"; expected number (Its port; 0 takes a free one, which is logged.)',
    ]);
    expect(problems(minimal, { FEDERATION_LISTEN_PORTAL: "no" })).toEqual([
      'FEDERATION_LISTEN_PORTAL (listen.portal) is "no"; expected boolean (Serve the portal\'s page at /portal/, which a ticket opens.)',
    ]);
    expect(problems(minimal, { FEDERATION_INFERENCE_MODE: "none", FEDERATION_INFERENCE_MODEL: "x" })).toEqual([
      'FEDERATION_INFERENCE_MODEL (inference.model) means nothing with "inference.mode: none"',
    ]);
  });

  it("refuses plain text to another machine, and allows it with FED_INSECURE=1", () => {
    const remote = {
      ...minimal,
      listen: { host: "0.0.0.0" },
      database: { ...minimal.database, url: "postgresql://a@db.lan/f" },
      broker: { ...minimal.broker, urls: ["stomp://mq.lan:61613", "stomp+ssl://mq.lan:61614"] },
    };
    const found = problems(remote);
    expect(found).toHaveLength(3);
    expect(found[0]).toBe(
      '"database.url" would send the password to db.lan in plain text; set database.tls.mode to verify, or set FED_INSECURE=1 to allow it',
    );
    expect(found[1]).toContain("use stomp+ssl://");
    expect(loadNodeConfig(write(remote), { FED_INSECURE: "1" }).config.insecure).toBe(true);
  });

  it("says where a file is not YAML, not there, or not keys and values", () => {
    expect(problems("node: {name: baby\nlisten: [")[0]).toMatch(/^not valid YAML: .* at line \d+, column \d+/);
    expect(problems("node: 1\nnode: 2")[0]).toContain("Map keys must be unique");
    expect(problems("- a\n- b")).toEqual(["the file must hold keys and values"]);
    expect(problems("")).toEqual(["the file must hold keys and values"]);
    expect(() => loadNodeConfig(join(folder, "absent.yaml"), {})).toThrow(/federation node add/);
  });
});

describe("the option table", () => {
  it("describes every option and gives each a name of its own", () => {
    const rows = nodeOptionTable;
    expect(rows.filter((row) => row.env !== undefined && row.description === "").map((row) => row.key)).toEqual([
      "profile.persona.description",
      "profile.persona.tendency",
    ]);
    const names = rows.flatMap((row) => row.env ?? []);
    expect(new Set(names).size).toBe(names.length);
    expect(rows.find((row) => row.key === "database.passwordFile")?.env).toBe("FEDERATION_DATABASE_PASSWORD_FILE");
    expect(rows.find((row) => row.key === "inference.mode")).toMatchObject({
      takes: "none | shared | own",
      defaultValue: "none",
      required: false,
    });
  });
});

describe("a model of the node's own", () => {
  it("is configured with options the inference package takes, and with its defaults", () => {
    const { config } = loadNodeConfig(write({ ...minimal, inference: { mode: "own" } }), {});
    const { mode: _mode, ...given } = config.inference;
    expect(inferenceOptionsSchema.parse({})).toMatchObject(given);
    const extreme = { contextTokens: 1_048_576, sequences: 32, threads: 256, gpuLayers: 1000, gpuDevices: [63] };
    expect(inferenceOptionsSchema.parse(extreme)).toMatchObject(extreme);
    for (const [name, value] of Object.entries({ contextTokens: 255, sequences: 33, threads: 257, gpuLayers: -1 })) {
      expect(inferenceOptionsSchema.safeParse({ [name]: value }).success).toBe(false);
      expect(problems({ ...minimal, inference: { mode: "own", [name]: value } })).toHaveLength(1);
    }
  });
});

describe("the profiles of deploy/nodes", () => {
  const profiles = join(import.meta.dirname, "../../../../deploy/nodes");
  const files = readdirSync(profiles).filter((name) => name.endsWith(".yaml"));

  it.each(files)("%s parses and is named for its node", (file) => {
    expect(loadNodeProfile(join(profiles, file)).name).toBe(file.replace(/\.yaml$/, ""));
  });

  it.each(files)("%s names a model of the catalogue that is meant for its hardware", (file) => {
    const { inference, hardware } = loadNodeProfile(join(profiles, file));
    if (inference.mode !== "own") return expect(file).toBe("commander.yaml");
    const cards = hardware.gpus.reduce((sum, gpu) => sum + gpu.count, 0);
    expect(findModel(inference.model)?.profiles).toContain(cards > 1 ? "dual_gpu" : "cpu");
  });

  it("are those of the mission, with their roles", () => {
    const roles = files.map((file) => {
      const profile = loadNodeProfile(join(profiles, file));
      return [profile.name, profile.role, profile.inference.mode];
    });
    expect(roles).toEqual([
      ["aorus-3090", "developer", "own"],
      ["baby", "analyst", "own"],
      ["commander", "commander", "none"],
      ["taichi-5090", "lead", "own"],
    ]);
  });
});
