/// How much one file may ask for before it is refused.
///
/// A manifest may come from a stranger's branch, so nothing about it is taken for granted.
package struct YAMLLimits: Sendable, Hashable {
    /// Bytes of a file.
    package var maxBytes: Int
    /// Collections within collections.
    package var maxDepth: Int
    /// Documents of a file.
    package var maxDocuments: Int
    /// Nodes of a file as written.
    package var maxNodes: Int
    /// Nodes that the aliases of a file add when each is followed: what a reader visits more than was written.
    package var maxAliasExpansion: Int
    /// Mistakes of a file that are listed.
    package var maxMistakes: Int

    package init(
        maxBytes: Int = 16 << 20, maxDepth: Int = 64, maxDocuments: Int = 100_000, maxNodes: Int = 4_000_000,
        maxAliasExpansion: Int = 1_000_000, maxMistakes: Int = 1000
    ) {
        self.maxBytes = maxBytes
        self.maxDepth = maxDepth
        self.maxDocuments = maxDocuments
        self.maxNodes = maxNodes
        self.maxAliasExpansion = maxAliasExpansion
        self.maxMistakes = maxMistakes
    }

    /// Above what 10,000 accounts in one file need, many times over.
    package static let standard = YAMLLimits()
}
