/** A class's `[Symbol.hasInstance]`. */
export type InstanceTest = (this: unknown, value: unknown) => boolean;

/**
 * An `instanceof` for an error class that also compares the error's name, because a program may load a class twice, as
 * an ES module and as CommonJS. A subclass inherits this, but compares only the prototype. `isWhole`: whether an error
 * with the name has the class's fields.
 */
export function instanceByName(name: string, isWhole: (error: Error) => boolean = () => true): InstanceTest {
  return function (value) {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    return Object.hasOwn(this as object, Symbol.hasInstance) && value instanceof Error && value.name === name && isWhole(value);
  };
}
