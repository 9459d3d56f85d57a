/// A piece of YAML text as libyaml's scanner cuts it: what stands between two is blanks, line breaks and comments.
package struct YAMLToken: Sendable, Equatable {
    /// What it is.
    package enum Kind: Sendable, Equatable {
        /// `%YAML` or `%TAG` with what follows.
        case directive
        case documentStart, documentEnd, streamEnd
        /// Without width: where the block's first key or `-` stands.
        case blockSequenceStart, blockMappingStart
        /// Without width: where the next thing after the block stands.
        case blockEnd
        case flowSequenceStart, flowSequenceEnd, flowMappingStart, flowMappingEnd
        /// `-` and `,`.
        case blockEntry, flowEntry
        /// `?`, or without width before a key that has none.
        case key
        /// The `:` behind a key.
        case value
        case alias, anchor, tag
        case scalar(Style)
    }

    /// How a scalar is written.
    package enum Style: Sendable, Equatable { case plain, singleQuoted, doubleQuoted, block }

    package let kind: Kind
    /// Where it stands. A block scalar goes on to the end of its last line, blank lines included.
    package let bytes: Range<Int>
    /// Counted from one, in Unicode scalars.
    package let column: Int

    package init(kind: Kind, bytes: Range<Int>, column: Int) {
        self.kind = kind
        self.bytes = bytes
        self.column = column
    }
}

extension YAMLParser {
    /// The tokens of a text that `parse` found no mistake in, in order; nil for one that libyaml cannot read.
    ///
    /// The text must have no byte order mark.
    package static func tokens(of text: [UInt8]) -> [YAMLToken]? {
        var tokens: [YAMLToken] = []
        tokens.reserveCapacity(text.count / 6)
        var offsets = CharacterOffsets(text)
        let isWhole = TokenReader.read(text) { reader in
            while reader.advance() {
                guard let kind = reader.kind else { continue }
                guard let start = offsets.byte(of: reader.start), let end = offsets.byte(of: reader.end) else {
                    return false
                }
                tokens.append(YAMLToken(kind: kind, bytes: start..<max(start, end), column: reader.column))
                if kind == .streamEnd { return true }
            }
            return false
        }
        return isWhole ? tokens : nil
    }
}

/// Turns libyaml's places, which count characters, into bytes. They come in order, so this walks the text once.
private struct CharacterOffsets {
    private let text: [UInt8]
    private var character = 0
    private var byte = 0

    init(_ text: [UInt8]) { self.text = text }

    /// Nil for a place before the one that was asked for last.
    mutating func byte(of wanted: Int) -> Int? {
        guard wanted >= character else { return nil }
        while character < wanted, byte < text.count {
            byte += 1
            while byte < text.count, text[byte] & 0xC0 == 0x80 { byte += 1 }
            character += 1
        }
        return byte
    }
}
