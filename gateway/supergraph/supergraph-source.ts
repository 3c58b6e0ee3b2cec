/** Where a composed supergraph comes from. It remembers what it has read last. */
export interface SupergraphSource {
  /** What errors and logs call it: the path of a file, or a URL without anything secret. */
  readonly place: string;
  /**
   * The SDL as it is now; null when it is what was read last.
   * @throws CodedError SUPERGRAPH_INVALID when it cannot be read, saying why
   */
  read(signal?: AbortSignal): Promise<string | null>;
  /** Tells when there may be something new to read, where something can tell. Returns what ends that. */
  onHint?(listener: () => void): () => void;
}
