#!/usr/bin/python3
"""Writes the UIDs that the standard registers (PS3.6 table A-1) as compact JSON.

Usage: scripts/dicom-uids.py > packages/lazaret/src/pipelines/imaging/dicom/facts/standard-uids.json

The facts are taken from pydicom's tables (Debian: python3-pydicom). Every UID has the root
1.2.840.10008, which is left out.
"""

import json
import sys

from pydicom import __version__
from pydicom._uid_dict import UID_dictionary

ROOT = "1.2.840.10008."

json.dump(
    {
        "source": f"PS3.6, as tabled by pydicom {__version__}",
        "root": ROOT,
        "uids": sorted((uid.removeprefix(ROOT) for uid in UID_dictionary), key=lambda uid: [int(n) for n in uid.split(".")]),
    },
    sys.stdout,
    indent=1,
)
print()
