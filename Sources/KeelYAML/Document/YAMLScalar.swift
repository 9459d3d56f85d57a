/// A text, quoted or not.
@usableFromInline
package struct YAMLScalar: Sendable {
    @usableFromInline let tree: YAMLTree
    @usableFromInline let index: Int

    @inlinable
    init(tree: YAMLTree, index: Int) {
        self.tree = tree
        self.index = index
    }

    /// The text after unquoting, folding and escapes. Each call decodes it again.
    package var text: String { tree.string(index) }

    /// The text's bytes in UTF-8, as they lie in the tree: to compare and check without making a string.
    @inlinable package var bytes: ArraySlice<UInt8> { tree.text[tree.textRange(index)] }

    /// Whether it was written without quotes and not as a block.
    @inlinable package var isPlain: Bool { tree.entries[index].isPlain }

    /// The tag that was written: `!`, or a core tag as `tag:yaml.org,2002:str`; nil when none was. There are no others.
    package var tag: String? { tree.entries[index].tag?.uri }

    /// Whether its tag says that it is text: `!!str`, or `!` alone.
    package var isTaggedText: Bool { tree.entries[index].tag?.makesText ?? false }

    /// What a YAML 1.1 reader would take the text for; quoted and block scalars without a tag are text.
    package var plainMeaning: PlainMeaning {
        if let tag = tree.entries[index].tag {
            return tag.makesText ? .string : PlainMeaning(bytes, tag: tag) ?? .string
        }
        return isPlain ? PlainMeaning(bytes) : .string
    }

    /// Whether it cannot be a key, which was reported: nothing at all, or a merge.
    package var isRefusedAsKey: Bool {
        isPlain && tree.entries[index].tag == nil && (bytes.isEmpty || isText("<<"))
    }

    /// Whether the text is this one, byte for byte, without making a string.
    package func isText(_ other: StaticString) -> Bool {
        let range = tree.textRange(index)
        return other.utf8CodeUnitCount == range.count
            && other.withUTF8Buffer { unsafe $0.elementsEqual(tree.text[range]) }
    }
}
