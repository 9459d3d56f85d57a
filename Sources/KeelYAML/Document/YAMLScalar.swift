/// A text, quoted or not.
package struct YAMLScalar: Sendable {
    private let tree: YAMLTree
    private let index: Int

    init(tree: YAMLTree, index: Int) {
        self.tree = tree
        self.index = index
    }

    /// The text after unquoting, folding and escapes. Each call decodes it again.
    package var text: String { tree.string(index) }

    /// Whether it was written without quotes and not as a block.
    package var isPlain: Bool { tree.entries[index].isPlain }

    /// The tag that was written: `!`, or a core tag as `tag:yaml.org,2002:str`; nil when none was. There are no others.
    package var tag: String? { tree.entries[index].tag?.uri }

    /// What a YAML 1.1 reader would take the text for; quoted and block scalars without a tag are text.
    package var plainMeaning: PlainMeaning {
        let entry = tree.entries[index]
        if let tag = entry.tag {
            return tag.makesText ? .string : PlainMeaning(tree.text[tree.textRange(index)], tag: tag) ?? .string
        }
        return entry.isPlain ? PlainMeaning(tree.text[tree.textRange(index)]) : .string
    }

    /// Whether the text is this one, byte for byte, without making a string.
    package func isText(_ other: StaticString) -> Bool {
        let range = tree.textRange(index)
        return other.utf8CodeUnitCount == range.count
            && other.withUTF8Buffer { unsafe $0.elementsEqual(tree.text[range]) }
    }
}
