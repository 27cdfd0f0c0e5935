/**
 * What research needs of an image: the attributes of the modules of PS3.3 that say where it lies, how
 * it was made and what its pixels mean. None of them tells anything about a person, so none of them
 * may be lost, whatever a policy says.
 */

export interface Module {
  readonly name: string;
  /** Of PS3.3. */
  readonly section: string;
  /** Eight digits, or two tags with a hyphen: all between them. */
  readonly attributes: string;
}

export const MODULES: readonly Module[] = [
  {
    name: 'Image Plane',
    section: 'C.7.6.2',
    attributes: '00180050 00180088 00200032 00200037 00201041 00280030',
  },
  {
    name: 'Image Pixel',
    section: 'C.7.6.3',
    attributes: `00280002 00280003 00280004 00280006 00280010 00280011 00280034 00280100 00280101
      00280102 00280103 00280106-00280109 00280110 00280111 00280120 00280121 00281101-00281103
      00281201-00281203`,
  },
  { name: 'Multi-frame', section: 'C.7.6.6', attributes: '00280008 00280009 0028000A' },
  { name: 'Cine', section: 'C.7.6.5', attributes: '00180040 00181063-00181066 00082142-00082144' },
  {
    name: 'Multi-frame Functional Groups',
    section: 'C.7.6.16',
    attributes:
      '00209056 00209057 00209111 00209113 00209116 00209128 00209157 00289110 52009229 52009230',
  },
  {
    name: 'Modality LUT and VOI LUT',
    section: 'C.11.1, C.11.2',
    attributes: '00281050-00281053 00281056 00283000 00283002 00283006 00283010',
  },
  {
    name: 'CT Image',
    section: 'C.8.2.1',
    attributes: `00180022 00180060 00180090 00181100 00181110 00181111 00181120 00181130 00181140
      00181150-00181153 00181155 00181156 00181170 00181190 00189302-00189311 00189345 00200012 00200013`,
  },
  {
    name: 'MR Image',
    section: 'C.8.3.1',
    attributes: `00180020 00180021 00180023 00180025 00180080-00180087 00180089 00180091 00180093-00180095
      00181062 00181080-00181088 00181090 00181094 00181100 00181310 00181312 00181314-00181316
      00181318 00189073 00189087 00189089 00200100 00200105 00200110`,
  },
  {
    name: 'Ultrasound Region Calibration',
    section: 'C.8.5.5',
    attributes: '00186011-00186058',
  },
  {
    name: 'X-Ray Acquisition and Positioner',
    section: 'C.8.7.2, C.8.7.5',
    attributes: '00181154 00181405 00181500 00181510 00181511 00181520 00181521 00181530 00181531',
  },
  {
    name: 'RT Dose',
    section: 'C.8.8.3',
    attributes:
      '30040001 30040002 30040004 3004000A 3004000C 3004000E 30040012 30040014 30040058 3004005A',
  },
  {
    name: 'ROI Contour',
    section: 'C.8.8.6',
    attributes: '30060039 3006002A 30060040 30060042 30060044-30060050',
  },
  {
    name: 'RT Beams',
    section: 'C.8.8.14',
    attributes: '300A00B0 300A00B4 300A00B6 300A00B8 300A00BA 300A00BC 300A00BE 300A0111-300A0140',
  },
  {
    name: 'Waveform',
    section: 'C.10.9',
    attributes: '54000100 54001004 54001006 54001010 003A0005 003A0010 003A001A 003A0210-003A0213',
  },
  { name: 'Segmentation', section: 'C.8.20.2', attributes: '00620001 0062000B 0062000E 00620010' },
];

/** The module that wants the element, or undefined. */
export function moduleOf(tag: number): Module | undefined {
  return byTag.find(({ from, to }) => tag >= from && tag <= to)?.module;
}

const byTag = MODULES.flatMap((module) =>
  module.attributes
    .trim()
    .split(/\s+/)
    .map((range) => {
      const [from = '', to = from] = range.split('-');
      return { module, from: Number.parseInt(from, 16), to: Number.parseInt(to, 16) };
    }),
);
