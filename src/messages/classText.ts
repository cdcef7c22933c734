/** What class_id strings hold. */
export interface ClassTextOptions {
  /** Index = class id. */
  readonly classNames: readonly string[];
  readonly classIdText: 'name' | 'number';
}

/** The class_id string of a class. */
export function classText(classId: number, { classNames, classIdText }: ClassTextOptions): string {
  return classIdText === 'number' ? String(classId) : (classNames[classId] ?? String(classId));
}
