/** The key of a project and the transfer of its identity map, in words. */
import type { ExportDocument, ImportDocument, KeyDocument } from '../identity.ts';
import { countOf } from './number.ts';

export function renderKey(document: KeyDocument): string {
  const { project, keyId, path, createdAt, pseudonyms, problem } = document;
  if (keyId === null) {
    return `Project ${project} has no key yet; its first run makes one${path === null ? '' : `: ${path}`}\n`;
  }
  const { patients, accessions } = pseudonyms;
  const depends =
    `${countOf(patients, 'patient', 'patients')} and ` +
    `${countOf(accessions, 'accession', 'accessions')} have pseudonyms that depend on it.`;
  if (problem !== null) {
    return [
      `Project ${project}: key ${keyId} cannot be used.`,
      depends,
      '',
      `${problem.id}  ${problem.message}`,
      problem.action,
      '',
    ].join('\n');
  }
  return [
    `Project ${project}: key ${keyId}`,
    `It is in ${path ?? ''}, since ${createdAt?.slice(0, 10) ?? ''}.`,
    depends,
    'Keep a copy apart from the data: losing the key loses the link to the patients.',
    '',
  ].join('\n');
}

export function renderExport({ project, keyId, entries, form }: ExportDocument): string {
  const what = countOf(entries, 'entry', 'entries');
  const how = form === 'sealed' ? 'sealed' : 'IN CLEAR TEXT';
  return `${what} of project ${project} (key ${keyId}) written, ${how}. The export is recorded.\n`;
}

export function renderImport({ project, keyId, added, alreadyThere }: ImportDocument): string {
  return (
    `${countOf(added, 'entry', 'entries')} brought into project ${project} (key ${keyId}); ` +
    `${countOf(alreadyThere, 'was', 'were')} there already.\n`
  );
}
