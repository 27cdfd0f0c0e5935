/**
 * Where this validator says something else than the official tests of JSON Schema, case by case.
 * Most of it is optional there; none of it can occur in a schema of forms without being refused, or
 * is about more than a field or two. A case that is mended has to go from this list.
 */
export type Draft = 'draft7' | 'draft2019-09' | 'draft2020-12';

export interface SuiteDeviation {
  readonly reason: string;
  readonly drafts: readonly Draft[];
  /** `file: group: test`, as the suite names them. */
  readonly cases: readonly string[];
}

export const SUITE_DEVIATIONS: readonly SuiteDeviation[] = [
  {
    reason:
      'Formats for other scripts than Latin are not checked: their rules change with every edition of Unicode, and fields of forms have none of them.',
    drafts: ['draft7', 'draft2019-09', 'draft2020-12'],
    cases: [
      'optional/format/idn-email.json: validation of an internationalized e-mail addresses: an invalid idn e-mail address',
      'optional/format/idn-email.json: validation of an internationalized e-mail addresses: an invalid e-mail address',
      'optional/format/idn-hostname.json: validation of internationalized host names: illegal first char U+302E Hangul single dot tone mark',
      'optional/format/idn-hostname.json: validation of internationalized host names: contains illegal char U+302E Hangul single dot tone mark',
      'optional/format/idn-hostname.json: validation of internationalized host names: a host name with a component too long',
      'optional/format/idn-hostname.json: validation of internationalized host names: invalid label, correct Punycode',
      'optional/format/idn-hostname.json: validation of internationalized host names: invalid Punycode',
      'optional/format/idn-hostname.json: validation of internationalized host names: U-label contains "--" in the 3rd and 4th position',
      'optional/format/idn-hostname.json: validation of internationalized host names: U-label starts with a dash',
      'optional/format/idn-hostname.json: validation of internationalized host names: U-label ends with a dash',
      'optional/format/idn-hostname.json: validation of internationalized host names: U-label starts and ends with a dash',
      'optional/format/idn-hostname.json: validation of internationalized host names: Begins with a Spacing Combining Mark',
      'optional/format/idn-hostname.json: validation of internationalized host names: Begins with a Nonspacing Mark',
      'optional/format/idn-hostname.json: validation of internationalized host names: Begins with an Enclosing Mark',
      'optional/format/idn-hostname.json: validation of internationalized host names: Exceptions that are DISALLOWED, right-to-left chars',
      'optional/format/idn-hostname.json: validation of internationalized host names: Exceptions that are DISALLOWED, left-to-right chars',
      "optional/format/idn-hostname.json: validation of internationalized host names: MIDDLE DOT with no preceding 'l'",
      'optional/format/idn-hostname.json: validation of internationalized host names: MIDDLE DOT with nothing preceding',
      "optional/format/idn-hostname.json: validation of internationalized host names: MIDDLE DOT with no following 'l'",
      'optional/format/idn-hostname.json: validation of internationalized host names: MIDDLE DOT with nothing following',
      'optional/format/idn-hostname.json: validation of internationalized host names: Greek KERAIA not followed by Greek',
      'optional/format/idn-hostname.json: validation of internationalized host names: Greek KERAIA not followed by anything',
      'optional/format/idn-hostname.json: validation of internationalized host names: Hebrew GERESH not preceded by Hebrew',
      'optional/format/idn-hostname.json: validation of internationalized host names: Hebrew GERESH not preceded by anything',
      'optional/format/idn-hostname.json: validation of internationalized host names: Hebrew GERSHAYIM not preceded by Hebrew',
      'optional/format/idn-hostname.json: validation of internationalized host names: Hebrew GERSHAYIM not preceded by anything',
      'optional/format/idn-hostname.json: validation of internationalized host names: KATAKANA MIDDLE DOT with no Hiragana, Katakana, or Han',
      'optional/format/idn-hostname.json: validation of internationalized host names: KATAKANA MIDDLE DOT with no other characters',
      'optional/format/idn-hostname.json: validation of internationalized host names: Arabic-Indic digits mixed with Extended Arabic-Indic digits',
      'optional/format/idn-hostname.json: validation of internationalized host names: ZERO WIDTH JOINER not preceded by Virama',
      'optional/format/idn-hostname.json: validation of internationalized host names: ZERO WIDTH JOINER not preceded by anything',
      'optional/format/iri-reference.json: validation of IRI References: an invalid IRI Reference',
      'optional/format/iri-reference.json: validation of IRI References: an invalid IRI fragment',
      'optional/format/iri.json: validation of IRIs: an invalid IRI based on IPv6',
      'optional/format/iri.json: validation of IRIs: an invalid relative IRI Reference',
      'optional/format/iri.json: validation of IRIs: an invalid IRI',
      'optional/format/iri.json: validation of IRIs: an invalid IRI though valid IRI reference',
    ],
  },
  {
    reason:
      'A schema and the files beside it are of one draft; a file of another draft is refused, in words.',
    drafts: ['draft7'],
    cases: [
      'optional/cross-draft.json: refs to future drafts are processed as future drafts: missing bar is invalid',
      'optional/cross-draft.json: refs to future drafts are processed as future drafts: present bar is valid',
    ],
  },
  {
    reason:
      'A schema and the files beside it are of one draft; a file of another draft is refused, in words.',
    drafts: ['draft2019-09'],
    cases: [
      'optional/cross-draft.json: refs to future drafts are processed as future drafts: first item not a string is invalid',
      'optional/cross-draft.json: refs to future drafts are processed as future drafts: first item is a string is valid',
      'optional/cross-draft.json: refs to historic drafts are processed as historic drafts: missing bar is valid',
    ],
  },
  {
    reason:
      'A schema and the files beside it are of one draft; a file of another draft is refused, in words.',
    drafts: ['draft2020-12'],
    cases: [
      'optional/cross-draft.json: refs to historic drafts are processed as historic drafts: first item not a string is valid',
    ],
  },
  {
    reason:
      'What a text holds in another encoding is not looked into; 2019-09 and 2020-12 ask for no more.',
    drafts: ['draft7'],
    cases: [
      'optional/content.json: validation of string-encoded content based on media type: an invalid JSON document',
      'optional/content.json: validation of binary string-encoding: an invalid base64 string (% is not a valid character)',
      'optional/content.json: validation of binary-encoded media type documents: a validly-encoded invalid JSON document',
      'optional/content.json: validation of binary-encoded media type documents: an invalid base64 string that is valid JSON',
    ],
  },
  {
    reason:
      'A schema of schemas of its own is refused: only the three drafts are known, and formats are always asserted.',
    drafts: ['draft2019-09', 'draft2020-12'],
    cases: [
      'vocabulary.json: schema that uses custom metaschema with with no validation vocabulary: applicator vocabulary still works',
      'vocabulary.json: schema that uses custom metaschema with with no validation vocabulary: no validation: valid number',
      'vocabulary.json: schema that uses custom metaschema with with no validation vocabulary: no validation: invalid number, but it still validates',
      'vocabulary.json: ignore unrecognized optional vocabulary: string value',
      'vocabulary.json: ignore unrecognized optional vocabulary: number value',
    ],
  },
  {
    reason:
      'A schema of schemas of its own is refused: only the three drafts are known, and formats are always asserted.',
    drafts: ['draft2020-12'],
    cases: [
      'optional/format-assertion.json: schema that uses custom metaschema with format-assertion: false: format-assertion: false: valid string',
      'optional/format-assertion.json: schema that uses custom metaschema with format-assertion: false: format-assertion: false: invalid string',
      'optional/format-assertion.json: schema that uses custom metaschema with format-assertion: true: format-assertion: true: valid string',
      'optional/format-assertion.json: schema that uses custom metaschema with format-assertion: true: format-assertion: true: invalid string',
    ],
  },
  {
    reason:
      'The validator (Ajv 8) finds the outermost schema by the name of the anchor alone. Schemas of forms have no use for dynamic references.',
    drafts: ['draft2019-09'],
    cases: [
      'recursiveRef.json: $recursiveRef with no $recursiveAnchor in the initial target schema resource: leaf node matches: recursion uses the inner schema',
      'recursiveRef.json: $recursiveRef with no $recursiveAnchor in the initial target schema resource: leaf node does not match: recursion uses the inner schema',
    ],
  },
  {
    reason:
      'The validator (Ajv 8) finds the outermost schema by the name of the anchor alone. Schemas of forms have no use for dynamic references.',
    drafts: ['draft2020-12'],
    cases: [
      'dynamicRef.json: A $dynamicRef to a $dynamicAnchor in the same schema resource behaves like a normal $ref to an $anchor: An array of strings is valid',
      'dynamicRef.json: A $dynamicRef to an $anchor in the same schema resource behaves like a normal $ref to an $anchor: An array of strings is valid',
      'dynamicRef.json: A $dynamicRef resolves to the first $dynamicAnchor still in scope that is encountered when the schema is evaluated: An array of strings is valid',
      'dynamicRef.json: A $dynamicRef without anchor in fragment behaves identical to $ref: An array of numbers is valid',
      "dynamicRef.json: A $dynamicRef with intermediate scopes that don't include a matching $dynamicAnchor does not affect dynamic scope resolution: An array of strings is valid",
      'dynamicRef.json: An $anchor with the same name as a $dynamicAnchor is not used for dynamic scope resolution: Any array is valid',
      'dynamicRef.json: A $dynamicRef without a matching $dynamicAnchor in the same schema resource behaves like a normal $ref to $anchor: Any array is valid',
      'dynamicRef.json: A $dynamicRef with a non-matching $dynamicAnchor in the same schema resource behaves like a normal $ref to $anchor: Any array is valid',
      'dynamicRef.json: A $dynamicRef that initially resolves to a schema with a matching $dynamicAnchor resolves to the first $dynamicAnchor in the dynamic scope: The recursive part is valid against the root',
      'dynamicRef.json: A $dynamicRef that initially resolves to a schema with a matching $dynamicAnchor resolves to the first $dynamicAnchor in the dynamic scope: The recursive part is not valid against the root',
      "dynamicRef.json: A $dynamicRef that initially resolves to a schema without a matching $dynamicAnchor behaves like a normal $ref to $anchor: The recursive part doesn't need to validate against the root",
      'dynamicRef.json: after leaving a dynamic scope, it is not used by a $dynamicRef: string matches /$defs/thingy, but the $dynamicRef does not stop here',
      'dynamicRef.json: after leaving a dynamic scope, it is not used by a $dynamicRef: first_scope is not in dynamic scope for the $dynamicRef',
      'dynamicRef.json: after leaving a dynamic scope, it is not used by a $dynamicRef: /then/$defs/thingy is the final stop for the $dynamicRef',
      'dynamicRef.json: tests for implementation dynamic anchor and reference link: correct extended schema',
      'dynamicRef.json: $ref and $dynamicAnchor are independent of order - $defs first: correct extended schema',
      'dynamicRef.json: $ref and $dynamicAnchor are independent of order - $ref first: correct extended schema',
    ],
  },
  {
    reason:
      'The validator (Ajv 8) does not count entries that "contains", or "items" within a choice, has looked at.',
    drafts: ['draft2019-09', 'draft2020-12'],
    cases: [
      'unevaluatedItems.json: unevaluatedItems with nested items: with no additional items',
      'unevaluatedItems.json: unevaluatedItems with nested items: with invalid additional item',
    ],
  },
  {
    reason:
      'The validator (Ajv 8) does not count entries that "contains", or "items" within a choice, has looked at.',
    drafts: ['draft2020-12'],
    cases: [
      'unevaluatedItems.json: unevaluatedItems depends on adjacent contains: contains passes, second item is not evaluated',
      'unevaluatedItems.json: unevaluatedItems depends on multiple nested contains: 7 not evaluated, fails unevaluatedItems',
      "unevaluatedItems.json: unevaluatedItems and contains interact to control item dependency relationship: only b's are invalid",
      "unevaluatedItems.json: unevaluatedItems and contains interact to control item dependency relationship: only c's are invalid",
      "unevaluatedItems.json: unevaluatedItems and contains interact to control item dependency relationship: only b's and c's are invalid",
      "unevaluatedItems.json: unevaluatedItems and contains interact to control item dependency relationship: only a's and c's are invalid",
    ],
  },
  {
    reason:
      'The validator (Ajv 8) takes a condition that does not hold for one that has looked at its fields.',
    drafts: ['draft2019-09', 'draft2020-12'],
    cases: [
      'unevaluatedProperties.json: unevaluatedProperties with if/then/else, then not defined: when if is false and has unevaluated properties',
    ],
  },
  {
    reason:
      'The compiler (Ajv 8) does not come to an end where $id and $ref to itself stand side by side; such a schema is refused.',
    drafts: ['draft2019-09', 'draft2020-12'],
    cases: [
      'ref.json: refs with relative uris and defs: invalid on inner field',
      'ref.json: refs with relative uris and defs: invalid on outer field',
      'ref.json: refs with relative uris and defs: valid on both fields',
      'ref.json: relative refs with absolute uris and defs: invalid on inner field',
      'ref.json: relative refs with absolute uris and defs: invalid on outer field',
      'ref.json: relative refs with absolute uris and defs: valid on both fields',
      'ref.json: URN ref with nested pointer ref: a string is valid',
      'ref.json: URN ref with nested pointer ref: a non-string is invalid',
    ],
  },
  {
    reason:
      'Two schemas that claim one $id are refused, even where one of them stands under a keyword that nobody knows.',
    drafts: ['draft7', 'draft2019-09', 'draft2020-12'],
    cases: [
      'unknownKeyword.json: $id inside an unknown keyword is not a real identifier: type matches second anyOf, which has a real schema in it',
      'unknownKeyword.json: $id inside an unknown keyword is not a real identifier: type matches non-schema in first anyOf',
      'unknownKeyword.json: $id inside an unknown keyword is not a real identifier: type matches non-schema in third anyOf',
    ],
  },
  {
    reason:
      'What stands beside $ref is checked in draft 7 too, as everybody expects who writes it there.',
    drafts: ['draft7'],
    cases: [
      'ref.json: ref overrides any sibling keywords: ref valid, maxItems ignored',
      'ref.json: $ref prevents a sibling $id from changing the base uri: $ref resolves to /definitions/base_foo, data does not validate',
      'ref.json: $ref prevents a sibling $id from changing the base uri: $ref resolves to /definitions/base_foo, data validates',
    ],
  },
  {
    reason: 'A field named __proto__ is refused before any schema sees it.',
    drafts: ['draft7', 'draft2019-09', 'draft2020-12'],
    cases: [
      'properties.json: properties whose names are Javascript object property names: __proto__ not valid',
    ],
  },
  {
    reason:
      'Multiples are counted with nine decimals, so that 0.07 is one of 0.01; a number as large as 1e308 is no value of a form.',
    drafts: ['draft7', 'draft2019-09', 'draft2020-12'],
    cases: [
      'multipleOf.json: float division = inf: always invalid, but naive implementations may raise an overflow error',
    ],
  },
  {
    reason: 'The engine that runs in bounded time knows the escape \\\\a.',
    drafts: ['draft2020-12'],
    cases: [
      'optional/ecmascript-regex.json: \\a is not an ECMA 262 control escape: when used as a pattern',
    ],
  },
  {
    reason:
      'An address with a quoted name, or with numbers for its host, is no address that people have.',
    drafts: ['draft2020-12'],
    cases: [
      'optional/format/email.json: validation of e-mail addresses: a quoted string with a space in the local part is valid',
      'optional/format/email.json: validation of e-mail addresses: a quoted string with a double dot in the local part is valid',
      'optional/format/email.json: validation of e-mail addresses: a quoted string with a @ in the local part is valid',
      'optional/format/email.json: validation of e-mail addresses: an IPv4-address-literal after the @ is valid',
      'optional/format/email.json: validation of e-mail addresses: an IPv6-address-literal after the @ is valid',
    ],
  },
];
