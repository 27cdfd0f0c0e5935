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


# PS3.15 table E.1-1 names these, which came into PS3.6 after the tables above were made. Without a VR
# an implicit file could not be judged by the table.
NEWER = {
    "00080017": "UI 1 AcquisitionUID",
    "00080019": "UI 1 PyramidUID",
    "00081088": "LO 1 PyramidDescription",
    "00120022": "LO 1 IssuerOfClinicalTrialProtocolID",
    "00120023": "SQ 1 OtherClinicalTrialProtocolIDsSequence",
    "00120032": "LO 1 IssuerOfClinicalTrialSiteID",
    "00120041": "LO 1 IssuerOfClinicalTrialSubjectID",
    "00120043": "LO 1 IssuerOfClinicalTrialSubjectReadingID",
    "00120055": "LO 1 IssuerOfClinicalTrialTimePointID",
    "00120073": "LO 1 IssuerOfClinicalTrialSeriesID",
    "00181204": "DA 1 DateOfManufacture",
    "00181205": "DA 1 DateOfInstallation",
    "00200027": "LO 1 PyramidLabel",
    "003A0329": "ST 1 WaveformFilterDescription",
    "003A032B": "ST 1 FilterLookupTableDescription",
    "30020121": "LO 1 PositionAcquisitionTemplateName",
    "30020123": "LT 1 PositionAcquisitionTemplateDescription",
    "3006002D": "DT 1 ROIDateTime",
    "3006002E": "DT 1 ROIObservationDateTime",
    "3006004D": "SQ 1 ROICreatorSequence",
    "3006004E": "SQ 1 ROIInterpreterSequence",
}

# Items and delimiters have no VR and are known to the walker itself. A few retired elements have a
# VR but no keyword.
elements = {
    f"{tag:08X}": line(facts)
    for tag, facts in sorted(DicomDictionary.items())
    if facts[0] != "NONE"
}
elements = dict(sorted((NEWER | elements).items()))
repeating = {tag: line(facts) for tag, facts in sorted(RepeatersDictionary.items())}

json.dump(
    {"source": f"PS3.6, as tabled by pydicom {__version__}", "elements": elements, "repeating": repeating},
    sys.stdout,
    indent=1,
)
print()
