/** The text of a form's fields by name; a file or a field that is not there is empty text. */
export function textFields(form: HTMLFormElement): (name: string) => string {
  const fields = new FormData(form);
  return (name) => {
    const value = fields.get(name);
    return typeof value === 'string' ? value : '';
  };
}
