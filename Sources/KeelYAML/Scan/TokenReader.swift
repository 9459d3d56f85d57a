import CLibYAML

/// libyaml's scanner over bytes in memory, for those who care where every sign stands.
@safe final class TokenReader {
    /// On the heap: libyaml keeps a pointer to its own parser.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let token: UnsafeMutablePointer<yaml_token_t>
    /// False when there was no memory for the parser.
    private let isReady: Bool

    /// Calls `body` with a reader of this text, which must be UTF-8; `body` must not keep the reader.
    static func read(_ text: [UInt8], _ body: (TokenReader) -> Bool) -> Bool {
        unsafe text.withUnsafeBufferPointer { buffer in
            unsafe body(TokenReader(buffer))
        }
    }

    private init(_ input: UnsafeBufferPointer<UInt8>) {
        unsafe parser = .allocate(capacity: 1)
        unsafe token = .allocate(capacity: 1)
        unsafe token.initialize(to: yaml_token_t())
        unsafe parser.initialize(to: yaml_parser_t())
        isReady = unsafe yaml_parser_initialize(parser) == 1
        guard isReady else { return }
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        unsafe yaml_token_delete(token)
        unsafe yaml_parser_delete(parser)
        unsafe token.deallocate()
        unsafe parser.deallocate()
    }

    /// Goes to the next token; false if there is none that libyaml can read. Do not call it after the end of the stream.
    func advance() -> Bool {
        unsafe yaml_token_delete(token)
        guard isReady else { return false }
        return unsafe yaml_parser_scan(parser, token) == 1
    }

    /// The place of its first character, in characters from zero.
    var start: Int { unsafe token.pointee.start_mark.index }

    /// The place after its last character.
    var end: Int { unsafe token.pointee.end_mark.index }

    /// Counted from one.
    var column: Int { unsafe token.pointee.start_mark.column + 1 }

    /// Nil for the start of the stream.
    var kind: YAMLToken.Kind? {
        switch unsafe token.pointee.type {
        case YAML_STREAM_END_TOKEN: .streamEnd
        case YAML_VERSION_DIRECTIVE_TOKEN, YAML_TAG_DIRECTIVE_TOKEN: .directive
        case YAML_DOCUMENT_START_TOKEN: .documentStart
        case YAML_DOCUMENT_END_TOKEN: .documentEnd
        case YAML_BLOCK_SEQUENCE_START_TOKEN: .blockSequenceStart
        case YAML_BLOCK_MAPPING_START_TOKEN: .blockMappingStart
        case YAML_BLOCK_END_TOKEN: .blockEnd
        case YAML_FLOW_SEQUENCE_START_TOKEN: .flowSequenceStart
        case YAML_FLOW_SEQUENCE_END_TOKEN: .flowSequenceEnd
        case YAML_FLOW_MAPPING_START_TOKEN: .flowMappingStart
        case YAML_FLOW_MAPPING_END_TOKEN: .flowMappingEnd
        case YAML_BLOCK_ENTRY_TOKEN: .blockEntry
        case YAML_FLOW_ENTRY_TOKEN: .flowEntry
        case YAML_KEY_TOKEN: .key
        case YAML_VALUE_TOKEN: .value
        case YAML_ALIAS_TOKEN: .alias
        case YAML_ANCHOR_TOKEN: .anchor
        case YAML_TAG_TOKEN: .tag
        case YAML_SCALAR_TOKEN: .scalar(style)
        default: nil
        }
    }

    private var style: YAMLToken.Style {
        switch unsafe token.pointee.data.scalar.style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
        default: .plain
        }
    }
}
