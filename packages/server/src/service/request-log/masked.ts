/** Names whose values are secrets, or numbers that identify a person. */
const SECRET_NAME =
  /(?:^|_)(?:number|cvc|cvv|ssn|pan|tax_id|vat_id|tax_id_registrar|id_numbers|secret|secrets|token|password|key|keys|id_number_secondary)(?:_|$)|^code$|^dob$|^date_of_birth$/;

/** Values that are secrets wherever they stand. It is bounded: a client may send a megabyte of one letter. */
const SECRET_VALUE =
  /(?:sk|rk|pk|ek)_(?:test|live)_\w+|\b[a-z]{2,12}_\w{1,80}_secret_\w+|whsec_\w+|cliws_\w+|op_\w{32}|\b\d{3}-?\d{2}-?\d{4}\b|\b\d{12,19}\b/g;

/** What stands in the place of a secret. */
export const MASK = "****";

/** Whether a parameter or a field of this name holds a secret, or a number that identifies a person. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** A text for a developer to look at: what looks like a secret in it is masked. */
export const masked = (text: string): string => text.replace(SECRET_VALUE, MASK);
