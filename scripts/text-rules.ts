/**
 * What may stand in no file of the project, whatever its language: it is read by strangers, on
 * machines that are not ours. Each pattern is written so that it does not find itself.
 */
interface TextRule {
  readonly name: string;
  readonly pattern: RegExp;
  readonly instead: string;
}

const textRules: readonly TextRule[] = [
  {
    name: 'a path of one machine',
    pattern: /(?<![\w.~:-])\/(?:work|root|home)\/(?=\w)/,
    instead: 'name the path relative to the repository or to a temporary folder',
  },
  {
    name: 'the host of a package registry',
    pattern:
      /\b(?:registry\.(?:npmjs|yarnpkg)|deb\.debian|archive\.ubuntu|pypi|files\.pythonhosted)\.(?:org|com)\b/,
    instead: 'leave it to the settings of whoever installs',
  },
  {
    name: 'what looks like a secret',
    pattern:
      /-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36,}|\bnpm_[A-Za-z0-9]{36}\b|\bxox[abpr]-\w{10,}|\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\./,
    instead: 'take it from the environment or from a file that is not kept here',
  },
  {
    name: 'work left over',
    pattern: /\b(?:TO[D]O|FIX[M]E|X{3}:)/,
    instead: 'do it, or say in a plain sentence what does not hold and why',
  },
];

/** What is wrong with a text, as `line: sentence`; nothing where nothing is. */
export function checkText(text: string): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      textRules
        .filter((rule) => rule.pattern.test(line))
        .map((rule) => `${index + 1}: ${rule.name}; ${rule.instead}`),
    );
}
