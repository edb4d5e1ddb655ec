/** What a browser sees of a page. */
export interface Seen {
  status: number;
  text: string;
  /** Where the browser is sent. */
  location: string | null;
}

/** A browser on the page of a Checkout Session, which keeps the page's cookie and sends its forms. */
export interface CheckoutBrowser {
  text: string;
  /** What the form carries to show that it is the page's own. */
  token: string;
  send(fields: Readonly<Record<string, string>>): Promise<Seen>;
}

/** Opens the page at an address. */
export async function checkoutBrowser(url: string): Promise<CheckoutBrowser> {
  const response = await fetch(url);
  const text = await response.text();
  const cookie = (response.headers.get("set-cookie") ?? "").split(";", 1)[0] ?? "";
  const token = /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? "";
  return {
    text,
    token,
    async send(fields) {
      const answer = await fetch(url, {
        method: "POST",
        redirect: "manual",
        headers: { cookie, origin: new URL(url).origin, "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ form_token: token, ...fields }).toString(),
      });
      return { status: answer.status, text: await answer.text(), location: answer.headers.get("location") };
    },
  };
}
