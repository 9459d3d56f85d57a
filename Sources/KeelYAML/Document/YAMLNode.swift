import KeelDiagnostics

/// A node of a document: a cheap handle.
///
/// An alias is the node of its anchor with the alias's own place.
package struct YAMLNode: Sendable {
    private let tree: YAMLTree
    /// Where it was written.
    private let place: Int
    /// What it is; differs from `place` for an alias.
    private let index: Int

    init(tree: YAMLTree, index: Int) {
        self.tree = tree
        place = index
        self.index = tree.resolved(index)
    }

    /// Where it was written; for an alias the place of `*name`.
    package var range: SourceRange { tree.range(place) }

    /// Where its content was written; for an alias the place of the anchored node.
    package var definitionRange: SourceRange { tree.range(index) }

    package var content: YAMLContent {
        switch tree.entries[index].kind {
        case .sequence: .sequence(YAMLSequence(tree: tree, index: index))
        case .mapping: .mapping(YAMLMapping(tree: tree, index: index))
        case .scalar, .alias: .scalar(YAMLScalar(tree: tree, index: index))
        }
    }

    /// The scalar, if it is one.
    package var scalar: YAMLScalar? { if case .scalar(let scalar) = content { scalar } else { nil } }

    /// The sequence, if it is one.
    package var sequence: YAMLSequence? { if case .sequence(let sequence) = content { sequence } else { nil } }

    /// The mapping, if it is one.
    package var mapping: YAMLMapping? { if case .mapping(let mapping) = content { mapping } else { nil } }
}

/// What a node is.
package enum YAMLContent: Sendable {
    case scalar(YAMLScalar)
    case sequence(YAMLSequence)
    case mapping(YAMLMapping)
}
