import type { Cell, Reject } from '../../core/batch.ts';
import type { Budget } from '../budget.ts';
import { uniqueNames } from '../column-names.ts';
import type { ReadEvent, ReadLimits } from '../format.ts';
import { FORM_FIELDS } from './caps.ts';
import type { Field } from './fields.ts';
import { rowEvents } from './row-events.ts';

/**
 * The fields of a document's form, as two datasets. `form` is one row with a column for each field, so that every field
 * is typed, recognised and sealed by its own name and value. `fields` says of each what it is and where it stands, and
 * holds no value.
 */
export interface FormTables {
  /** The fields of a page; one that has been seen on a page before is known already. */
  add(page: number, fields: readonly Field[]): void;
  readonly isEmpty: boolean;
  /** The datasets. A form of more fields than a table may have columns goes on in `form 2`. @throws Problem of a full budget. */
  events(): Generator<ReadEvent>;
}

const COLUMNS = ['name', 'type', 'label', 'page', 'left', 'bottom', 'right', 'top'];

/** A form without fields yet; it takes 20,000 of them, one reject stands for all others. */
export function createFormTables(limits: ReadLimits, budget: Budget): FormTables {
  const fields = new Map<string, Field & { readonly page: number }>();
  let leftOut = 0;

  function add(page: number, found: readonly Field[]): void {
    for (const field of found) {
      const key = `${field.name}\0${field.value}`;
      if (fields.has(key)) continue;
      if (fields.size < FORM_FIELDS) fields.set(key, { ...field, page });
      else leftOut++;
    }
  }

  function* events(): Generator<ReadEvent> {
    const all = [...fields.values()];
    const names = uniqueNames(all.map(({ name }) => name));
    for (let from = 0; from < all.length; from += limits.columns) {
      const part = all.slice(from, from + limits.columns);
      const name = from === 0 ? 'form' : `form ${from / limits.columns + 1}`;
      const columns = names.slice(from, from + limits.columns);
      yield { type: 'table', name, columns, dialect: { kind: 'form', header: false } };
      yield* rowEvents([part.map(({ value }) => value || null)], 1, limits, budget);
    }
    yield { type: 'table', name: 'fields', columns: COLUMNS, dialect: { kind: 'fields', header: false } };
    yield* rowEvents(
      all.map((field, index) => toRow(names[index]!, field)),
      1,
      limits,
      budget,
    );
    if (leftOut > 0) yield { type: 'reject', reject: tooMany(leftOut) };
  }

  return {
    add,
    get isEmpty() {
      return fields.size === 0;
    },
    events,
  };
}

function toRow(name: string, { type, label, page, box }: Field & { readonly page: number }): Cell[] {
  const places = [box.left, box.bottom, box.right, box.top].map((place) => place.toFixed(1));
  return [name, type, label || null, String(page), ...places];
}

function tooMany(leftOut: number): Reject {
  const detail = `The form has ${leftOut} fields behind the ${FORM_FIELDS} that are read. Split the document.`;
  return { row: FORM_FIELDS + 1, code: 'too_many_fields', detail, raw: '' };
}
