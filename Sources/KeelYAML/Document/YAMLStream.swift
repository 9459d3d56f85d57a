import KeelDiagnostics

/// What a file holds.
package struct YAMLStream: Sendable {
    /// In the order of the file.
    package let documents: [YAMLDocument]
    /// All mistakes, in no particular order.
    package let diagnostics: [Diagnostic]
    /// Whether all documents of the file are here. A mistake that stops the reading, or keeps a document from being made,
    /// makes it false; others, such as a key that stands twice, do not.
    package let isComplete: Bool

    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

/// One document of a file.
package struct YAMLDocument: Sendable {
    /// Nil if the document holds nothing, or comments alone.
    package let root: YAMLNode?
    /// From its `---`, or its first node, to its end.
    package let range: SourceRange

    init(tree: YAMLTree, _ document: YAMLTree.Document) {
        root = document.root.map { YAMLNode(tree: tree, index: $0) }
        range = SourceRange(file: tree.file, start: document.start, end: document.end)
    }
}
