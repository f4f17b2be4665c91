import { inventedAadhaars } from './aadhaar.ts';
import { writeSheet } from './xlsx-writer.ts';

/** A person as the workbook has them. */
export interface SheetPerson {
  readonly name: string;
  readonly aadhaar: string;
}

/** Invented people with names of several scripts. */
export function inventedPeople(count: number): SheetPerson[] {
  const names = ['Asha Rao', 'Ravi Iyer', 'Zoë Khan', 'आशा नायर', 'O’Neil "Jo" & <Co>'];
  return inventedAadhaars(count).map((aadhaar, i) => ({ name: `${names[i % names.length]} ${i + 1}`, aadhaar }));
}

/** A workbook with the columns `name, aadhar_number`, the numbers as text cells or, as Excel makes of typed ones, numeric. */
export function peopleWorkbook(people: readonly SheetPerson[], numbers: 'text' | 'numeric' = 'text'): Buffer {
  const rows = people.map(({ name, aadhaar }, i) => {
    const number = numbers === 'text' ? text(aadhaar) : `<c><v>${aadhaar}</v></c>`;
    return `<row r="${i + 2}">${text(name)}${number}</row>`;
  });
  return writeSheet(`<row r="1">${text('name')}${text('aadhar_number')}</row>${rows.join('')}`);
}

function text(value: string): string {
  const escaped = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<c t="inlineStr"><is><t>${escaped}</t></is></c>`;
}
