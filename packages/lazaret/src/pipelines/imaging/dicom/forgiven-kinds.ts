/**
 * What the walker forgives, by kind, each with a sentence for people. The walker forgives in order
 * to go on reading, and reports every time; whether a kind is harmless is judged elsewhere.
 */
export const FORGIVEN_KINDS = {
  // How the file is framed.
  'no-preamble': 'The 128 bytes of preamble, or the letters DICM behind them, are missing.',
  'no-meta': 'There is no file meta group.',
  'meta-length-missing': 'The file meta group does not begin with its length.',
  'meta-length-wrong': 'The length of the file meta group is not the true one.',
  'meta-wrong-encoding': 'The file meta group is not in explicit little-endian encoding.',
  'syntax-missing': 'No transfer syntax is named; it was guessed from the bytes.',
  'syntax-unknown': 'The transfer syntax named is not known; it was guessed from the bytes.',
  'syntax-contradicted':
    'The data set is not encoded as its transfer syntax says; it was read as its bytes show.',
  'deflate-truncated': 'The deflated data set breaks off; what could be inflated was read.',

  // What an element's header says.
  'unknown-vr': 'The VR is none that exists; the length was read as `readAs` says.',
  'vr-mismatch': 'The VR is not the one that the standard gives this element.',
  'wrong-length-form':
    'The length is not in the form that the VR demands; it was read as `readAs` says.',
  'implicit-in-explicit': 'The element has no VR although the data set is explicit.',
  'explicit-in-implicit': 'The element has a VR although the data set is implicit.',
  'reserved-not-zero': 'The two reserved bytes behind the VR are not zero.',

  // Lengths and values.
  'odd-length': 'The length of the value is odd.',
  'length-overrun': 'The length runs beyond the end of the item or file; the value was cut there.',
  'length-not-multiple': 'The length is no multiple of the width that the VR has.',
  'too-many-values': 'There are more binary values than the standard allows for this element.',
  'control-characters':
    'A text holds control characters, as one does that has swallowed another element.',
  'swallowed-elements':
    'The bytes of a value end with what reads as another element, as with a wrong length.',
  'undefined-length-not-allowed': 'An element has an undefined length that may not have one.',
  'group-length-wrong': 'A group length element does not give the true length of its group.',

  // Sequences.
  'delimiter-length': 'The length of a delimiter is not zero.',
  'missing-delimiter': 'An item or a sequence ends without its delimiter.',
  'stray-delimiter': 'There is a delimiter where nothing is to be delimited; it was skipped.',
  'stray-bytes-in-sequence': 'Bytes in a sequence belong to no item; they were skipped.',
  'opaque-sequence':
    'A sequence that is given as UN could not be read as one; it is left as plain bytes.',

  // Which elements there are.
  'out-of-order': 'The elements are not in the order of their tags.',
  'duplicate-tag': 'An element occurs twice in one data set.',
  'meta-in-data-set': 'An element of the file meta group stands in the data set.',
  'command-in-data-set': 'An element of the command group 0000 stands in the data set.',
  'group-fffe': 'An element of group FFFE is neither an item nor a delimiter.',

  // Pixels.
  'truncated-pixels': 'The pixel data ends before the length that it declares.',
  'encapsulation-contradicted':
    'The pixel data is encapsulated although the transfer syntax says not, or the reverse.',

  // The end.
  'file-cut': 'The file ends within its last element, and nothing else is wrong with it.',
  'trailing-padding': 'Zero bytes follow the last element.',
  'trailing-bytes': 'Bytes that are no element follow the last element; they were not read.',
} as const;

export type ForgivenKind = keyof typeof FORGIVEN_KINDS;
