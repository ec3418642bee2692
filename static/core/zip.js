/** ZIP archives of files, stored as they are: pictures are compressed already. */

/** @typedef {{ name: string, content: Blob }} Entry */

/** The remainders of every byte: CRC-32 as PNG and ZIP have it. */
const REMAINDERS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** The flag of names in UTF-8, the version that is needed, and 1 January 1980, before which there is no date. */
const [UTF8, VERSION, DAY] = [0x0800, 20, 0x21];

/** The most files and bytes of an archive without the extension for more. */
const MOST = { files: 0xffff, bytes: 0xffffffff };

/** @param {Uint8Array} bytes */
export function checksum(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ (REMAINDERS[(value ^ byte) & 0xff] ?? 0);
  return (value ^ 0xffffffff) >>> 0;
}

/**
 * An archive of files. One after the other is read; none is copied. Rejects with a RangeError where they are too many.
 *
 * @param {Entry[]} entries @returns {Promise<Blob>}
 */
export async function zipped(entries) {
  const total = entries.reduce((sum, { content }) => sum + content.size, 0);
  if (entries.length >= MOST.files || total >= MOST.bytes / 2)
    throw new RangeError("too many files for a ZIP");
  /** @type {BlobPart[]} */
  const parts = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const directory = [];
  let offset = 0;
  for (const { name, content } of entries) {
    const title = new TextEncoder().encode(name);
    const sum = checksum(new Uint8Array(await content.arrayBuffer()));
    /** @type {[number, number][]} values with how many bytes they take */
    const facts = [
      ...pairs(2, VERSION, UTF8, 0, 0, DAY),
      ...pairs(4, sum, content.size, content.size),
      ...pairs(2, title.length, 0),
    ];
    const head = packed([[0x04034b50, 4], ...facts]);
    parts.push(head, title, content);
    directory.push(
      packed([[0x02014b50, 4], [VERSION, 2], ...facts, ...pairs(2, 0, 0, 0), ...pairs(4, 0, offset)]),
      title,
    );
    offset += head.length + title.length + content.size;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const count = entries.length;
  const end = [...pairs(4, 0x06054b50), ...pairs(2, 0, 0, count, count), ...pairs(4, length, offset)];
  return new Blob([...parts, ...directory, packed([...end, [0, 2]])], { type: "application/zip" });
}

/** @param {number} size @param {...number} values @returns {[number, number][]} */
const pairs = (size, ...values) => values.map((value) => [value, size]);

/** Numbers, little endian. @param {[value: number, size: number][]} values @returns {Uint8Array<ArrayBuffer>} */
function packed(values) {
  const bytes = new Uint8Array(values.reduce((sum, [, size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let place = 0;
  for (const [value, size] of values) {
    if (size === 4) view.setUint32(place, value, true);
    else view.setUint16(place, value, true);
    place += size;
  }
  return bytes;
}
