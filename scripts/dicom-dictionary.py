#!/usr/bin/python3
"""Writes the facts of the DICOM data dictionary (PS3.6 sections 6 to 9) as compact JSON.

Usage: scripts/dicom-dictionary.py > packages/lazaret/src/pipelines/imaging/dicom/facts/dictionary.json

The facts are taken from pydicom's tables (Debian: python3-pydicom). One line a tag:
"VR VM Keyword", VRs joined by a slash, an R behind it where the element is retired. In the tags of
repeating groups an x stands for any hexadecimal digit.
"""

import json
import sys

from pydicom import __version__
from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary


def line(facts):
    vr, vm, _name, retired, keyword = facts
    words = [vr.replace(" or ", "/"), vm.replace(" or ", "/"), keyword]
    return " ".join(words + (["R"] if retired else []))


# Items and delimiters have no VR and are known to the walker itself. A few retired elements have a
# VR but no keyword.
elements = {
    f"{tag:08X}": line(facts)
    for tag, facts in sorted(DicomDictionary.items())
    if facts[0] != "NONE"
}
repeating = {tag: line(facts) for tag, facts in sorted(RepeatersDictionary.items())}

json.dump(
    {"source": f"PS3.6, as tabled by pydicom {__version__}", "elements": elements, "repeating": repeating},
    sys.stdout,
    indent=1,
)
print()
