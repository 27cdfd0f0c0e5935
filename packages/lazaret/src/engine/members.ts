/** Items under way, as they lie in a parcel: sealed, because a value may name a patient. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ProjectKey } from '../identity/keys.ts';
import { fromMultirange, toMultirange } from '../store/item-set.ts';
import type { Lot } from './lot.ts';
import type { Released } from './settle.ts';

/** An item on its way through a batch. */
export interface Traveller {
  readonly item: number;
  /** What the source said of it: how to find it again. */
  readonly arrival: unknown;
  readonly value: unknown;
  readonly released: Released;
}

export interface Parcel {
  readonly refs: string;
  readonly payload: Uint8Array;
}

/** How an item is written: [arrival], [arrival, value] or [arrival, value, released]. */
type Written = readonly [arrival: unknown, value?: unknown, released?: Released];

/** Items a parcel holds at most: it is staged in one insert, and read in one piece. */
export const PARCEL_ITEMS = 1_000;

const CONTEXT = 'parcel';
const LOT_CONTEXT = 'lot';

/** Packs items in ascending order of their numbers. */
export function packParcels(key: ProjectKey, travellers: readonly Traveller[]): Parcel[] {
  const parcels: Parcel[] = [];
  for (let from = 0; from < travellers.length; from += PARCEL_ITEMS) {
    const some = travellers.slice(from, from + PARCEL_ITEMS);
    const written = some.map(({ arrival, value, released }): Written => {
      if (Object.keys(released).length > 0) return [arrival, value, released];
      return value === arrival ? [arrival] : [arrival, value];
    });
    const plain = deflateRawSync(JSON.stringify(written), { level: 1 });
    parcels.push({
      refs: toMultirange(some.map(({ item }) => item)),
      payload: key.seal(plain, CONTEXT),
    });
  }
  return parcels;
}

/** @throws SealDamaged, SealKeyDiffers */
export function unpackParcel(key: ProjectKey, parcel: Parcel): Traveller[] {
  const plain = inflateRawSync(key.unseal(parcel.payload, CONTEXT), {
    maxOutputLength: MAX_PARCEL_BYTES,
  });
  const written = JSON.parse(plain.toString('utf8')) as readonly Written[];
  return fromMultirange(parcel.refs).map((item, index) => {
    const [arrival, value = arrival, released = {}] = written[index] ?? [];
    return { item, arrival, value, released };
  });
}

export function packLot(key: ProjectKey, { items, content }: Lot): Parcel {
  return { refs: toMultirange(items), payload: key.seal(content, LOT_CONTEXT) };
}

/** @throws SealDamaged, SealKeyDiffers */
export function unpackLot(key: ProjectKey, { refs, payload }: Parcel): Lot {
  return { items: fromMultirange(refs), content: key.unseal(payload, LOT_CONTEXT) };
}

const MAX_PARCEL_BYTES = 1 << 30;
