import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { SidetoneError } from '../errors.ts';
import { crossCheck } from './cross-check.ts';
import { describeIssue } from './describe-issue.ts';
import { nearest } from './nearest.ts';
import { isEndpoint, isModelName } from '../models.ts';
import { configSchema, type Config } from './schema.ts';

/** Environment of the command line, which is nobody's configuration. */
const notSettings: readonly string[] = ['SIDETONE_API_KEY', 'SIDETONE_PASSWORD'];

type Environment = Readonly<Record<string, string | undefined>>;
type Tree = Record<string, unknown>;

/** Environment names that do not follow from their path. */
const fixedNames: Readonly<Record<string, string>> = {
  databaseUrl: 'DATABASE_URL',
  'http.publicUrl': 'SIDETONE_PUBLIC_URL',
  'rtpengine.address': 'SIDETONE_RTPENGINE',
};
/** Scalars without a default, which the walk over the defaults cannot see. */
const optionalScalars: readonly string[] = [
  'advertiseAddress',
  'asr.endpoint.key',
  'asr.language',
  'asr.phrasesHeader',
  'asr.speakers.model',
  'databaseUrl',
  'drachtio',
  'http.publicUrl',
  'pause.dtmf.pause',
  'pause.dtmf.resume',
  'rtpengine.address',
  'rules.file',
  'sip.recordHeader',
];
const optionalNumbers: readonly string[] = ['asr.processes', 'audiosocket.port'];

/**
 * One function from file and environment to a frozen configuration. `file` undefined: `sidetone.yaml` in the working
 * directory where there is one. Paths in the result are absolute. Environment wins over the file.
 * @throws SidetoneError `config-invalid`, its message one line a mistake: all of them at once.
 */
export function loadConfig(file: string | undefined, environment: Environment, workingDir = process.cwd()): Config {
  const path = resolve(workingDir, file ?? 'sidetone.yaml');
  const mistakes: string[] = [];
  let tree: Tree = {};
  if (file !== undefined || existsSync(path)) tree = readTree(path, mistakes);
  applyEnvironment(tree, environment, mistakes);
  const parsed = configSchema.safeParse(tree);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) mistakes.push(...describeIssue(issue, tree));
  }
  mistakes.push(...crossCheck(parsed.success ? parsed.data : tree));
  if (parsed.success) mistakes.push(...missingModels(parsed.data, workingDir));
  if (mistakes.length > 0 || !parsed.success) {
    const list = mistakes.map((mistake) => `  - ${mistake}`).join('\n');
    throw new SidetoneError('config-invalid', `${mistakes.length} mistake(s) in the configuration:\n${list}`);
  }
  const config = parsed.data;
  config.dataDir = resolve(workingDir, config.dataDir);
  config.asr.model = placed(config.asr.model, workingDir);
  for (const [language, model] of Object.entries(config.asr.models)) {
    config.asr.models[language] = placed(model, workingDir);
  }
  const { secondPass } = config.asr;
  if (secondPass !== undefined) secondPass.model = placed(secondPass.model, workingDir);
  config.asr.processes ??= Math.max(1, availableParallelism() - 1);
  if (config.rules.file !== undefined) config.rules.file = resolve(dirname(path), config.rules.file);
  else if (existsSync(resolve(dirname(path), 'rules.yaml'))) config.rules.file = resolve(dirname(path), 'rules.yaml');
  for (const cdr of config.assurance.cdr) cdr.path = resolve(dirname(path), cdr.path);
  if (config.http.tls !== undefined) {
    config.http.tls.certFile = resolve(dirname(path), config.http.tls.certFile);
    config.http.tls.keyFile = resolve(dirname(path), config.http.tls.keyFile);
  }
  return deepFreeze(config);
}

/** A model that is a name may be pulled later; the recogniser says so when it is not there. */
function missingModels({ asr }: z.infer<typeof configSchema>, workingDir: string): readonly string[] {
  const chosen = [
    ['asr.model', asr.model] as const,
    ...(asr.secondPass === undefined ? [] : [['asr.secondPass.model', asr.secondPass.model] as const]),
    ...Object.entries(asr.models).map(([language, model]) => [`asr.models.${language}`, model] as const),
  ];
  return chosen.flatMap(([setting, model]) =>
    isEndpoint(model) || isModelName(model) || existsSync(resolve(workingDir, model))
      ? []
      : [`${setting}: ${model} is neither the name of a model, nor a folder, nor an http(s) URL`],
  );
}

function placed(model: string, workingDir: string): string {
  return isEndpoint(model) || isModelName(model) ? model : resolve(workingDir, model);
}

function readTree(path: string, mistakes: string[]): Tree {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    mistakes.push(`${path}: cannot be read`);
    return {};
  }
  const document = parseDocument(text, { prettyErrors: true });
  for (const { code, message } of document.errors) {
    const what = message.split('\n')[0]?.replace(/:$/, '') ?? 'not YAML';
    const hint = code === 'BAD_DQ_ESCAPE' ? String.raw`; single quotes take it as it is: '^9\d\d$'` : '';
    mistakes.push(`${path}: ${what}${hint}`);
  }
  if (document.errors.length > 0) return {};
  const value: unknown = document.toJS();
  if (value === null || value === undefined) return {};
  if (isTree(value)) return value;
  mistakes.push(`${path}: is not a mapping of keys to values`);
  return {};
}

function applyEnvironment(tree: Tree, environment: Environment, mistakes: string[]): void {
  const known = environmentNames();
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || value === '') continue;
    const key = known.get(name);
    if (key === undefined) {
      if (!name.startsWith('SIDETONE_') || notSettings.includes(name)) continue;
      const meant = nearest(name.slice('SIDETONE_'.length), namesWithin(known));
      mistakes.push(`${name}: no such setting${meant === undefined ? '' : `: did you mean SIDETONE_${meant}?`}`);
      continue;
    }
    setAt(tree, key.path, convert(value, key.like));
  }
}

function namesWithin(known: ReadonlyMap<string, unknown>): readonly string[] {
  return [...known.keys()].flatMap((name) => /^SIDETONE_(.+)$/.exec(name)?.[1] ?? []);
}

/** Every scalar (and list of words) of the configuration by the name of its environment variable. */
export function environmentNames(): ReadonlyMap<string, { readonly path: readonly string[]; readonly like: unknown }> {
  const names = new Map<string, { path: readonly string[]; like: unknown }>();
  const add = (path: readonly string[], like: unknown): void => {
    const snake = path.map((part) => part.replaceAll(/([A-Z])/g, '_$1').toUpperCase()).join('_');
    names.set(fixedNames[path.join('.')] ?? `SIDETONE_${snake}`, { path, like });
  };
  const walk = (value: unknown, path: readonly string[]): void => {
    if (isTree(value)) for (const [key, child] of Object.entries(value)) walk(child, [...path, key]);
    else add(path, value);
  };
  walk(configSchema.parse({}), []);
  for (const path of optionalScalars) add(path.split('.'), '');
  for (const path of optionalNumbers) add(path.split('.'), 0);
  // Lists and maps of objects have no form in one variable.
  const lists = ['SIDETONE_TRUNKS', 'SIDETONE_ROUTES', 'SIDETONE_SIP_DIGEST_USERS', 'SIDETONE_ASSURANCE_CDR'];
  for (const name of lists) names.delete(name);
  return names;
}

function convert(text: string, like: unknown): unknown {
  if (typeof like === 'number') return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
  if (typeof like === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (Array.isArray(like))
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  return text;
}

function setAt(tree: Tree, path: readonly string[], value: unknown): void {
  let at = tree;
  for (const key of path.slice(0, -1)) {
    const next = at[key];
    if (isTree(next)) at = next;
    else if (next === undefined || next === null) at = at[key] = {};
    else return;
  }
  const last = path.at(-1);
  if (last !== undefined) at[last] = value;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const child of Object.values(value)) deepFreeze(child);
    Object.freeze(value);
  }
  return value;
}
