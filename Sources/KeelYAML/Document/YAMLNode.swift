import KeelDiagnostics

/// A node of a document: a cheap handle.
///
/// An alias is the node of its anchor with the alias's own place.
@usableFromInline
package struct YAMLNode: Sendable {
    @usableFromInline let tree: YAMLTree
    /// Where it was written.
    @usableFromInline let place: Int
    /// What it is; differs from `place` for an alias.
    @usableFromInline let index: Int

    @inlinable
    init(tree: YAMLTree, index: Int) {
        self.tree = tree
        place = index
        self.index = tree.resolved(index)
    }

    /// Where it was written; for an alias the place of `*name`.
    @inlinable package var range: SourceRange { tree.range(place) }

    /// Where its content was written; for an alias the place of the anchored node.
    @inlinable package var definitionRange: SourceRange { tree.range(index) }

    /// Whether it says word for word, in the same style, what another node says, of whatever file: the two are read alike.
    package func says(like other: YAMLNode) -> Bool { tree.says(index, like: other.index, in: other.tree) }

    @inlinable
    package var content: YAMLContent {
        switch tree.entries[index].kind {
        case .sequence: .sequence(YAMLSequence(tree: tree, index: index))
        case .mapping: .mapping(YAMLMapping(tree: tree, index: index))
        case .scalar, .alias: .scalar(YAMLScalar(tree: tree, index: index))
        }
    }

    /// The scalar, if it is one.
    @inlinable package var scalar: YAMLScalar? { if case .scalar(let scalar) = content { scalar } else { nil } }

    /// The sequence, if it is one.
    @inlinable
    package var sequence: YAMLSequence? { if case .sequence(let sequence) = content { sequence } else { nil } }

    /// The mapping, if it is one.
    @inlinable package var mapping: YAMLMapping? { if case .mapping(let mapping) = content { mapping } else { nil } }
}

/// What a node is.
@usableFromInline
package enum YAMLContent: Sendable {
    case scalar(YAMLScalar)
    case sequence(YAMLSequence)
    case mapping(YAMLMapping)
}
