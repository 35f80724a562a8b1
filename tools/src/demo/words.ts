/** Raw material of the demo's people, shops, products and posts. */
export const FIRST_NAMES = (
  'Ada Amir Anouk Bela Bruno Carla Chidi Daria Diego Dunja Elif Emil Esra Farid Fiona Gala Hana Henrik Ida Igor Ines Jaro Jonas Juna Kaya Kofi ' +
  'Lara Leon Lina Luca Mads Mara Mila Mina Nadim Nils Noor Olga Omar Paula Pia Rafa Rosa Sami Selma Sven Tara Theo Uma Vera Wanda Yara Zoe'
).split(' ');

export const LAST_NAMES = (
  'Abel Adler Baum Berg Blum Cruz Dahl Diaz Ebel Falk Fuchs Gomez Gruber Haas Hansen Ito Jansen Keller Kim Klein Kovac Lang Lopez Maier Marek ' +
  'Moss Nagy Novak Okoro Olsen Park Peters Popov Quist Rossi Roth Sato Silva Stern Tang Torres Ueda Vogel Weber Winter Yilmaz Zeller'
).split(' ');

export const SHOP_NAMES = (
  'Birchwood Copperline Driftware Emberly Fernhouse Glasswing Harborside Inkwell Juniper Kettleburn Lanternhill Millstone Northloom Oakendale ' +
  'Paperboat Quillhouse Ravenbrook Saltworks Thistle Umbra Velvetine Willowmere Yarrow Zephyr Amberjack Bluestem Cinderpath Dovetail Everspring Foxglove'
).split(' ');

/** Category → what it sells. */
export const CATALOGUE: Readonly<Record<string, readonly string[]>> = {
  'home-kitchen': ['Teapot', 'Cast-iron pan', 'Chopping board', 'Bread box'],
  stationery: ['Notebook', 'Fountain pen', 'Desk calendar', 'Letter set'],
  outdoor: ['Camping stove', 'Hammock', 'Rain poncho', 'Head torch'],
  bicycles: ['Handlebar bag', 'Saddle', 'Repair kit', 'Bell'],
  books: ['Field guide', 'Short stories', 'Atlas', 'Cookbook'],
  garden: ['Watering can', 'Seed box', 'Pruning shears', 'Bird house'],
  music: ['Kalimba', 'Metronome', 'Guitar strap', 'Record sleeve'],
  toys: ['Wooden train', 'Kite', 'Marble run', 'Puzzle'],
  clothing: ['Wool scarf', 'Linen shirt', 'Beanie', 'Rain jacket'],
  ceramics: ['Espresso cup', 'Salad bowl', 'Vase', 'Plate'],
  lighting: ['Desk lamp', 'Lantern', 'Night light', 'String lights'],
  coffee: ['Hand grinder', 'House blend', 'Dripper', 'Filter papers'],
};

export const ADJECTIVES = 'Small Plain Nordic Sturdy Quiet Bright Folding Everyday Blue Walnut Linen Enamel'.split(' ');

export const OPENERS = [
  'Slow morning, good light.',
  'Finally fixed the thing I broke in March.',
  'Today I learned that patience is mostly snacks.',
  'Anyone up for a long walk on Sunday?',
  'Three years in this flat and I just found that drawer.',
  'The market had the good tomatoes again.',
  'Rode home through the rain and liked it.',
  'Small win: the whole list is done before lunch.',
  'I keep coming back to this one.',
  'Strong opinion, loosely held.',
];

export const HASHTAGS =
  'slowliving diy shoplocal sundaymood gardenlife bikecommute coffeetime readinglist makers weekendplans'.split(' ');
