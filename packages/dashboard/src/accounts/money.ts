/** An amount in the smallest unit of its currency, as people write it: `$50.00`. */
export function money(amount: number, currency: string): string {
  const code = currency.toUpperCase();
  let format: Intl.NumberFormat;
  try {
    format = new Intl.NumberFormat("en", { style: "currency", currency: code });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return `${amount} ${code}`;
  }
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
