import { hash } from "node:crypto";

/**
 * The stylesheet of all pages. It is part of each page, so that a page is one request. The content security policy
 * allows only it, by its hash.
 */
export const STYLESHEET = `
:root{color-scheme:light dark;--paper:#f4f2ee;--card:#fff;--ink:#1d2624;--soft:#5b6663;--line:#d9d6cf;--field:#8a938f;--accent:#0b6b5c;--on-accent:#fff;--wash:#e9f3f0;--bad:#a1260d;--bad-wash:#fdf0ec;--note:#7a4d00;--note-wash:#fdf3dc}
@media (prefers-color-scheme:dark){:root{--paper:#141917;--card:#1c2320;--ink:#e9edeb;--soft:#a5b0ac;--line:#333d39;--field:#75827d;--accent:#56c9b1;--on-accent:#06211c;--wash:#1f302b;--bad:#ff9c84;--bad-wash:#33201b;--note:#f1c774;--note-wash:#302814}}
*{box-sizing:border-box}
html{font:100%/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);min-height:100vh;display:flex;flex-direction:column;overflow-wrap:anywhere}
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem 1rem;border-radius:.5rem;z-index:1}
header,footer{width:100%;max-width:42rem;margin:0 auto;padding:1.25rem 1rem;display:flex;align-items:center;gap:.75rem;flex-wrap:wrap}
header{justify-content:space-between}
.mark{display:inline-flex;align-items:center;gap:.5rem;font-weight:650;letter-spacing:-.01em}
.mark svg{width:1.4rem;height:1.4rem;color:var(--accent)}
.mode{font-size:.8125rem;font-weight:600;color:var(--note);background:var(--note-wash);border:1px solid currentColor;border-radius:99rem;padding:.1rem .65rem}
main{width:100%;max-width:42rem;margin:0 auto;padding:0 1rem 1rem;flex:1}
.card{background:var(--card);border:1px solid var(--line);border-radius:.875rem;padding:1.75rem;margin:0 0 1rem}
h1{font-size:1.625rem;line-height:1.2;letter-spacing:-.02em;margin:0 0 .5rem;text-wrap:balance}
h2{font-size:1.125rem;line-height:1.3;letter-spacing:-.01em;margin:0 0 .25rem}
p{margin:0 0 1rem;text-wrap:pretty}.soft,.hint,footer{color:var(--soft)}.hint{font-size:.875rem;margin:.25rem 0 0}
footer{font-size:.8125rem;gap:.25rem 1rem}
a{color:var(--accent)}
ul.plain{list-style:none;margin:0 0 1rem;padding:0}ul.plain li{padding:.5rem 0;border-top:1px solid var(--line)}ul.plain li:first-child{border-top:0}
.grants{list-style:none;margin:0;padding:0;display:grid;gap:.5rem}.grants li{padding-left:1.625rem;position:relative}
.grants li::before{content:"";position:absolute;left:.2rem;top:.45em;width:.75rem;height:.4rem;border:solid var(--accent);border-width:0 0 2px 2px;transform:rotate(-45deg)}
.card>:last-child,.card>form>:last-child,.note>:last-child{margin-bottom:0}.card>.actions:first-child,.note .actions{margin-top:0}form{margin:0}fieldset{border:0;margin:0;padding:0;min-width:0}legend{padding:0;font-weight:650;font-size:1.125rem;letter-spacing:-.01em;margin-bottom:.25rem}
.field{margin:1rem 0 0}.row{display:grid;grid-template-columns:repeat(auto-fit,minmax(5.25rem,1fr));gap:0 1rem;align-items:start}
label,.label{display:block;font-weight:550;font-size:.9375rem;margin-bottom:.25rem}
input[type=text],input[type=email],input[type=tel],input[type=url],input[type=password],select,textarea{width:100%;font:inherit;color:inherit;background:var(--card);border:1px solid var(--field);border-radius:.5rem;padding:.5625rem .75rem;min-height:2.75rem}
input[aria-invalid=true],select[aria-invalid=true]{border-color:var(--bad);border-width:2px}
.error{color:var(--bad);font-size:.875rem;font-weight:550;margin:.25rem 0 0}
.alert{background:var(--bad-wash);border:1px solid var(--bad);border-radius:.625rem;padding:.875rem 1rem;margin:0 0 1.25rem}.alert h2{color:var(--bad);font-size:1rem}.alert ul{margin:.25rem 0 0;padding-left:1.25rem}.alert a{color:inherit}
.note{background:var(--note-wash);border-radius:.625rem;padding:.875rem 1rem;margin:0 0 1.25rem;font-size:.9375rem}.note p:last-child{margin:0}
.good{background:var(--wash);border-radius:.625rem;padding:.875rem 1rem;margin:0 0 1.25rem}.good p:last-child{margin:0}
.choice{display:flex;gap:.75rem;align-items:flex-start;padding:.75rem;border:1px solid var(--line);border-radius:.625rem;margin:.5rem 0 0;cursor:pointer;font-weight:400}
.choice:has(:checked){border-color:var(--accent);background:var(--wash)}.choice input{margin:.2rem 0 0;width:1.1rem;height:1.1rem;accent-color:var(--accent);flex:none}
.choice small{display:block;color:var(--soft);font-size:.8125rem;overflow-wrap:anywhere}
input[type=checkbox],input[type=radio]{accent-color:var(--accent)}
.actions{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.5rem;align-items:center}
button,.button{font:inherit;font-weight:600;min-height:2.75rem;padding:.5rem 1.125rem;border-radius:.5rem;border:1px solid var(--accent);background:var(--accent);color:var(--on-accent);cursor:pointer;text-decoration:none;display:inline-flex;align-items:center}
button.quiet{background:transparent;color:var(--accent)}button.bare{background:transparent;border-color:transparent;color:var(--soft);text-decoration:underline;padding-inline:.5rem}
button:hover{filter:brightness(1.08)}button.quiet:hover,button.bare:hover{background:var(--wash)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
dl{display:grid;grid-template-columns:minmax(7rem,auto) 1fr;gap:.5rem 1.25rem;margin:0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
code{font:.875em ui-monospace,SFMono-Regular,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;font-size:.9375rem}th{text-align:left;font-weight:550;color:var(--soft)}th,td{padding:.5rem .75rem .5rem 0;border-top:1px solid var(--line)}thead th{border-top:0}caption{text-align:left;padding-bottom:.25rem}th[scope=row]+td{text-align:right;padding-right:0;white-space:nowrap}
@media (max-width:30rem){.row label{font-size:.8125rem;white-space:nowrap}.card{padding:1.25rem;border-radius:.75rem}h1{font-size:1.4rem}.actions button:not(.bare){flex:1 1 100%;justify-content:center}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.75rem}}
@media (prefers-reduced-motion:no-preference){button,.choice{transition:background-color .12s,border-color .12s}}
`;

/** Its name in a content security policy. */
export const STYLESHEET_SOURCE = `'sha256-${hash("sha256", STYLESHEET, "base64")}'`;
