/// The items of a list, in order.
package struct YAMLSequence: Sendable, Sequence {
    private let tree: YAMLTree
    private let index: Int

    init(tree: YAMLTree, index: Int) {
        self.tree = tree
        self.index = index
    }

    package var count: Int { Int(tree.entries[index].count) }
    package var isEmpty: Bool { count == 0 }
    package var underestimatedCount: Int { count }

    package func makeIterator() -> Iterator { Iterator(tree: tree, index: index) }

    package struct Iterator: IteratorProtocol, Sendable {
        private let tree: YAMLTree
        private var upcoming: Int
        private let end: Int

        init(tree: YAMLTree, index: Int) {
            self.tree = tree
            upcoming = index + 1
            end = tree.next(after: index)
        }

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
package struct YAMLMapping: Sendable, Sequence {
    private let tree: YAMLTree
    private let index: Int

    init(tree: YAMLTree, index: Int) {
        self.tree = tree
        self.index = index
    }

    /// The number of entries.
    package var count: Int { Int(tree.entries[index].count) / 2 }
    package var isEmpty: Bool { count == 0 }
    package var underestimatedCount: Int { count }

    package func makeIterator() -> Iterator { Iterator(nodes: YAMLSequence(tree: tree, index: index).makeIterator()) }

    /// The value of the first entry whose key is this text; looks at one key after the other.
    package func value(of key: StaticString) -> YAMLNode? { first { $0.key.scalar?.isText(key) == true }?.value }

    package struct Iterator: IteratorProtocol, Sendable {
        var nodes: YAMLSequence.Iterator

        package mutating func next() -> (key: YAMLNode, value: YAMLNode)? {
            guard let key = nodes.next(), let value = nodes.next() else { return nil }
            return (key, value)
        }
    }
}
