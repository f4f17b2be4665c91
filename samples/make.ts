import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ExcelJS from 'exceljs';
import { verhoeffDigit } from '../bench/lib/verhoeff.ts';

/** Makes the samples: made-up people, the same at every run. Aadhaar numbers are right in form and drawn at random. */
const FIRST = 'Asha Ravi Meera Arjun Kavya Vikram Priya Rahul Anita Suresh Divya Kiran Neha Imran Fatima Zoë'.split(
  ' ',
);
const LAST = 'Iyer Sharma Khan Patel Reddy Nair Das Singh Fernandes Bose Gupta Rao Joshi Menon'.split(' ');
const CITIES = 'Mumbai Chennai Pune Kolkata Delhi Kochi Jaipur Bengaluru Hyderabad Bhopal'.split(' ');
const HEADER = ['name', 'aadhar_number', 'city', 'joined', 'salary'];

let state = 7;
function draw(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

function person(): [string, string, string, string, number] {
  const body = String(2 + draw(8)) + Array.from({ length: 10 }, () => draw(10)).join('');
  const joined = `20${10 + draw(15)}-${String(1 + draw(12)).padStart(2, '0')}-${String(1 + draw(28)).padStart(2, '0')}`;
  return [
    `${FIRST[draw(FIRST.length)]} ${LAST[draw(LAST.length)]}`,
    body + verhoeffDigit(body),
    CITIES[draw(CITIES.length)]!,
    joined,
    20_000 + draw(90_000),
  ];
}

const people = Array.from({ length: 5000 }, person);
const book = new ExcelJS.Workbook();
book.created = book.modified = new Date('2026-01-01T00:00:00Z');
const sheet = book.addWorksheet('people');
sheet.addRow(HEADER);
for (const [name, aadhaar, city, joined, salary] of people) {
  // As people keep them: a number, which Excel would show as 2.34E+11.
  const row = sheet.addRow([name, Number(aadhaar), city, new Date(`${joined}T00:00:00Z`), salary]);
  row.getCell(4).numFmt = 'yyyy-mm-dd';
}
await book.xlsx.writeFile(fileURLToPath(new URL('people.xlsx', import.meta.url)));
const lines = [HEADER, ...people.slice(0, 10)].map((row) => row.join(','));
writeFileSync(new URL('people.csv', import.meta.url), `${lines.join('\n')}\n`);
