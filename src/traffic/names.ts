// What the shop sells, and who buys it where.

export const GOODS = [
  'Tent',
  'Rucksack',
  'Rain Jacket',
  'Sleeping Bag',
  'Headlamp',
  'Stove',
  'Hiking Shirt',
  'Thermos',
  'Camping Mat',
  'Map Case',
  'Wool Cap',
  'Water Filter',
];
export const KINDS = ['Birch', 'Rowan', 'Cedar', 'Fjord', 'Heron', 'Juniper', 'Kestrel', 'Larch'];
export const FIRST = [
  'anna',
  'ben',
  'carla',
  'david',
  'elif',
  'farid',
  'greta',
  'hugo',
  'ines',
  'jonas',
  'kim',
  'lena',
  'marek',
  'nora',
  'oskar',
  'paula',
];
export const LAST = [
  'adler',
  'brandt',
  'costa',
  'diaz',
  'ek',
  'fischer',
  'garcia',
  'holm',
  'ito',
  'jansen',
  'klein',
  'lund',
];
export const STREETS = [
  'Mill Lane',
  'Station Road',
  'Hill Street',
  'Garden Way',
  'Harbour Quay',
  'Chapel Close',
  'Market Square',
];
export const TOWNS = [
  '4021 Linz',
  '8010 Graz',
  '79098 Freiburg',
  '1050 Vienna',
  '20095 Hamburg',
  '3011 Bern',
  '50667 Cologne',
];
