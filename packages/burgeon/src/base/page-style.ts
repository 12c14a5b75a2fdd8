import { type Html, html } from './html.ts';

/** How our pages look: one column, the system's own letters, light or dark as the reader has it, wide enough for a thumb. */
export const pageStyle: Html = html`<style>
  :root {
    color-scheme: light dark;
    --paper: light-dark(#f7f8f5, #141713);
    --card: light-dark(#ffffff, #1c201b);
    --ink: light-dark(#1d241b, #e8ece4);
    --soft: light-dark(#586152, #a3ad9c);
    --line: light-dark(#dce1d7, #343b31);
    --leaf: light-dark(#2c6b2f, #8fd18a);
    --on-leaf: light-dark(#ffffff, #10240f);
    --warn: light-dark(#a3291f, #ff9d8f);
    --code: ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace;
  }
  * {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  body {
    margin: 0;
    background: var(--paper);
    color: var(--ink);
    font:
      1rem/1.55 system-ui,
      -apple-system,
      'Segoe UI',
      Roboto,
      sans-serif;
    -webkit-text-size-adjust: 100%;
  }
  header,
  main {
    max-width: 44rem;
    margin-inline: auto;
    padding-inline: 1rem;
  }
  header {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    padding-block: 1rem 0;
    color: var(--soft);
    font-weight: 600;
  }
  .mark {
    width: 0.8rem;
    height: 0.8rem;
    border-radius: 0 100% 0 100%;
    background: var(--leaf);
  }
  main {
    padding-block: 0.5rem 3rem;
  }
  h1 {
    font-size: 1.5rem;
    line-height: 1.25;
    margin: 0.75rem 0 1rem;
    overflow-wrap: anywhere;
    text-wrap: balance;
  }
  p {
    margin: 0.75rem 0;
    overflow-wrap: anywhere;
  }
  a {
    color: var(--leaf);
    text-underline-offset: 0.2em;
  }
  .soft {
    color: var(--soft);
    font-size: 0.9rem;
  }
  .warn {
    color: var(--warn);
    font-weight: 600;
  }
  .card {
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: 0.75rem;
    padding: 1rem;
    margin: 1rem 0;
  }
  .card > :first-child {
    margin-top: 0;
  }
  .card > :last-child {
    margin-bottom: 0;
  }
  pre {
    margin: 0;
    font: 0.9rem/1.6 var(--code);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    unicode-bidi: plaintext;
  }
  .print {
    display: block;
    font: 700 2rem/1.2 var(--code);
    letter-spacing: 0.08em;
    color: var(--leaf);
    overflow-wrap: anywhere;
  }
  ul.list {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  ul.list a {
    display: block;
    color: inherit;
    text-decoration: none;
  }
  ul.list a:hover strong {
    text-decoration: underline;
    text-underline-offset: 0.2em;
  }
  ul.list strong {
    display: block;
    overflow-wrap: anywhere;
  }
  ul.list code {
    font-family: var(--code);
    color: var(--leaf);
  }
  label {
    display: block;
    font-weight: 600;
    margin-bottom: 0.35rem;
  }
  input {
    display: block;
    width: 100%;
    padding: 0.7rem 0.8rem;
    font: 1rem/1.4 var(--code);
    color: inherit;
    background: var(--paper);
    border: 1px solid var(--soft);
    border-radius: 0.5rem;
  }
  button {
    min-height: 2.9rem;
    padding: 0.6rem 1.4rem;
    font: inherit;
    font-weight: 600;
    border: 1px solid var(--leaf);
    border-radius: 0.5rem;
    background: var(--leaf);
    color: var(--on-leaf);
    cursor: pointer;
  }
  button.plain {
    background: transparent;
    border-color: var(--warn);
    color: var(--warn);
  }
  button.quiet {
    min-height: 0;
    padding: 0;
    border: 0;
    background: none;
    color: var(--soft);
    font-weight: 400;
    text-decoration: underline;
  }
  button:disabled {
    opacity: 0.5;
    cursor: progress;
  }
  .answers {
    display: flex;
    flex-wrap: wrap;
    gap: 0.75rem;
    margin-top: 1rem;
  }
  .answers > * {
    flex: 1 1 9rem;
  }
  :focus-visible {
    outline: 3px solid var(--leaf);
    outline-offset: 3px;
    border-radius: 0.35rem;
  }
  @media (prefers-reduced-motion: no-preference) {
    button {
      transition: filter 0.12s;
    }
    button:hover {
      filter: brightness(1.08);
    }
  }
</style>`;
