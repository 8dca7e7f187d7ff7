declare module "salur:words" {
  /** The catalogues of assets/words, as far as the scanner uses them. */
  const words: Readonly<Record<"id" | "en", Readonly<Record<string, string>>>>;
  export default words;
}
