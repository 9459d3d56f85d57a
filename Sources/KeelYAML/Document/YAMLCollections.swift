/// The items of a list, in order.
@usableFromInline
package struct YAMLSequence: Sendable, Sequence {
    @usableFromInline let tree: YAMLTree
    @usableFromInline let index: Int

    @inlinable
    init(tree: YAMLTree, index: Int) {
        self.tree = tree
        self.index = index
    }

    @inlinable package var count: Int { Int(tree.entries[index].count) }
    @inlinable package var isEmpty: Bool { count == 0 }
    @inlinable package var underestimatedCount: Int { count }

    @inlinable
    package func makeIterator() -> Iterator { Iterator(tree: tree, index: index) }

    @usableFromInline
    package struct Iterator: IteratorProtocol, Sendable {
        @usableFromInline let tree: YAMLTree
        @usableFromInline var upcoming: Int
        @usableFromInline let end: Int

        @inlinable
        init(tree: YAMLTree, index: Int) {
            self.tree = tree
            upcoming = index + 1
            end = tree.next(after: index)
        }

        @inlinable
        package mutating func next() -> YAMLNode? {
            guard upcoming < end else { return nil }
            defer { upcoming = tree.next(after: upcoming) }
            return YAMLNode(tree: tree, index: upcoming)
        }
    }
}

/// The entries of a mapping, in order.
///
/// Keys are unique scalars unless the stream has diagnostics that say otherwise.
@usableFromInline
package struct YAMLMapping: Sendable, Sequence {
    @usableFromInline let tree: YAMLTree
    @usableFromInline let index: Int

    @inlinable
    init(tree: YAMLTree, index: Int) {
        self.tree = tree
        self.index = index
    }

    /// The number of entries.
    @inlinable package var count: Int { Int(tree.entries[index].count) / 2 }
    @inlinable package var isEmpty: Bool { count == 0 }
    @inlinable package var underestimatedCount: Int { count }

    @inlinable
    package func makeIterator() -> Iterator { Iterator(YAMLSequence.Iterator(tree: tree, index: index)) }

    /// The value of the first entry whose key is this text; looks at one key after the other.
    package func value(of key: StaticString) -> YAMLNode? { first { $0.key.scalar?.isText(key) == true }?.value }

    @usableFromInline
    package struct Iterator: IteratorProtocol, Sendable {
        @usableFromInline var nodes: YAMLSequence.Iterator

        @inlinable
        init(_ nodes: YAMLSequence.Iterator) { self.nodes = nodes }

        @inlinable
        package mutating func next() -> (key: YAMLNode, value: YAMLNode)? {
            guard let key = nodes.next(), let value = nodes.next() else { return nil }
            return (key, value)
        }
    }
}
