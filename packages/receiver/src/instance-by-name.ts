/** A class's `[Symbol.hasInstance]`. */
export type InstanceTest = (this: unknown, value: unknown) => boolean;

/**
 * The `instanceof` of an error class that also goes by the error's name: a program may load a class twice, as an ES
 * module and as CommonJS. A subclass inherits it, and goes by the prototype alone. `isWhole`: whether an error of the
 * name has the class's fields.
 */
export function instanceByName(name: string, isWhole: (error: Error) => boolean = () => true): InstanceTest {
  return function (value) {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    return Object.hasOwn(this as object, Symbol.hasInstance) && value instanceof Error && value.name === name && isWhole(value);
  };
}
