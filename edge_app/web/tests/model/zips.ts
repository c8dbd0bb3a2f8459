/** ZIP files, written record by record. */

import { crc32, deflateRawSync } from 'node:zlib';

export interface Content {
  name: string;
  data: Buffer;
  stored?: boolean;
}

export function zipped(...files: Content[]): Blob {
  const parts: Buffer[] = [];
  const list: Buffer[] = [];
  let place = 0;
  for (const { name, data, stored = false } of files) {
    const packed = stored ? data : deflateRawSync(data);
    const title = Buffer.from(name);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(0x800, 2);
    facts.writeUInt16LE(stored ? 0 : 8, 4);
    facts.writeUInt32LE(crc32(data), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(data.length, 18);
    facts.writeUInt16LE(title.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(place, 10);
    list.push(Buffer.from('PK\x01\x02\x14\0', 'latin1'), facts, rest, title);
    const local = [Buffer.from('PK\x03\x04', 'latin1'), facts, title, packed];
    parts.push(...local);
    place += Buffer.concat(local).length;
  }
  const directory = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(place, 16);
  return new Blob([Buffer.concat([...parts, directory, end])]);
}
