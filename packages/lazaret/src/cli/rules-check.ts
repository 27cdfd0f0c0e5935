/** `lazaret rules check`: what is wrong with a rule file, before a record meets it. */
import { dirname, resolve } from 'node:path';
import { checkRules } from '../pipelines/forms/rules/check-rules.ts';
import type { RuleOptions } from '../pipelines/forms/rules/compile-rules.ts';
import type { RuleRemark } from '../pipelines/forms/rules/lint/contradictions.ts';
import { readRules } from '../pipelines/forms/rules/read-rules.ts';
import { isMapping, type RuleJson } from '../pipelines/forms/rules/rule-json.ts';
import { placesIn, type TextPlace } from '../pipelines/forms/rules/rule-lines.ts';
import { ruleOptions } from '../pipelines/forms/module-rules.ts';
import { compileSchema } from '../pipelines/forms/schema/record-schema.ts';
import { studySchema, subjectKeysSchema, type SubjectKeys } from '../pipelines/forms/study.ts';
import { readModule, readStudyPaths, readText } from '../pipelines/forms/study/study-file.ts';
import { cliCodes } from './codes.ts';

/** The files of one module, as they were named. */
export interface RuleFiles {
  readonly module: string | null;
  readonly rules: string;
  readonly codes?: string | undefined;
  readonly schema?: string | undefined;
}

/** A remark with the place of what it is about. */
export interface PlacedRemark extends RuleRemark {
  /** The file, as it was named. */
  readonly path: string;
  /** Null where the file cannot be read as YAML or JSON: the message then names the line. */
  readonly line: number | null;
  readonly column: number | null;
}

export interface CheckedRules extends RuleFiles {
  /** How many fields have rules. */
  readonly fields: number;
  readonly remarks: readonly PlacedRemark[];
}

export interface RulesCheckDocument {
  /** No error: the rules can be used. Warnings are no errors. */
  readonly sound: boolean;
  readonly errors: number;
  readonly warnings: number;
  readonly checked: readonly CheckedRules[];
}

/**
 * Looks over the rules of one module.
 * @param folder to which the paths are relative
 * @throws ConfigurationMissing, StudyInvalid, SchemaInvalid
 */
export function checkRuleFiles(files: RuleFiles, folder: string): RulesCheckDocument {
  return documentOf([checkModule(files, folder, subjectKeysSchema.parse({}))]);
}

/**
 * Looks over the rules of all modules of a study that have some.
 * @throws ConfigurationMissing, StudyInvalid, SchemaInvalid
 */
export function checkStudyRules(file: string, folder: string): RulesCheckDocument {
  const path = resolve(folder, file);
  const { modules, keys } = readStudyPaths(path, file);
  const checked = modules.flatMap(({ name, rules, codes, schema }) =>
    rules === undefined
      ? []
      : [checkModule({ module: name, rules, codes, schema }, dirname(path), keys)],
  );
  return documentOf(checked);
}

function documentOf(checked: readonly CheckedRules[]): RulesCheckDocument {
  const remarks = checked.flatMap((one) => one.remarks);
  const errors = remarks.filter(({ level }) => level === 'error').length;
  return { sound: errors === 0, errors, warnings: remarks.length - errors, checked };
}

function checkModule(files: RuleFiles, folder: string, keys: SubjectKeys): CheckedRules {
  const rules = readPlaced('rules', files.rules, folder);
  const codes = files.codes === undefined ? null : readPlaced('codes', files.codes, folder);
  const remarks = [...rules.problems, ...(codes?.problems ?? [])];
  if (rules.content !== undefined) {
    const options: RuleOptions = {
      ...ruleOptions(keys),
      // What cannot be read has been told.
      ...(codes?.content === undefined ? {} : { codes: codes.content }),
    };
    const columns = files.schema === undefined ? null : columnsOf(files.schema, folder, keys);
    for (const remark of checkRules(rules.content, options, columns)) {
      const own = remark.file === 'codes' && codes !== null ? codes : rules;
      remarks.push(own.place(remark));
    }
  }
  const fields = isMapping(rules.content) ? Object.keys(rules.content).length : 0;
  return { ...files, fields, remarks: remarks.sort(byPlace) };
}

/** The columns of a record, with the id that is looked up. */
function columnsOf(schema: string, folder: string, keys: SubjectKeys): readonly string[] {
  const { modules } = studySchema.parse(readModule({ schema }, folder));
  return [...modules.flatMap((module) => compileSchema(module).columns), keys.subject];
}

interface PlacedFile {
  /** Undefined where it cannot be read. */
  readonly content: RuleJson | undefined;
  readonly problems: readonly PlacedRemark[];
  place(remark: RuleRemark): PlacedRemark;
}

/** @throws ConfigurationMissing */
function readPlaced(file: RuleRemark['file'], path: string, folder: string): PlacedFile {
  const text = readText(resolve(folder, path));
  if (text === null) throw cliCodes.fault('ConfigurationMissing', { file: path });
  const reading = readRules(text);
  const find: (pointer: string) => TextPlace | null = reading.ok ? placesIn(text) : () => null;
  const place = (remark: RuleRemark): PlacedRemark => {
    const { line = null, column = null } = find(remark.pointer) ?? {};
    return { ...remark, path, line, column };
  };
  const problems = reading.ok
    ? []
    : reading.problems.map((problem) => place({ level: 'error', file, ...problem }));
  return { content: reading.ok ? reading.content : undefined, problems, place };
}

/** As somebody goes through the files. */
function byPlace(a: PlacedRemark, b: PlacedRemark): number {
  if (a.file !== b.file) return a.file === 'rules' ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
