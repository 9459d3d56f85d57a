import CLibYAML
import KeelDiagnostics

/// libyaml's event parser over bytes in memory. Nothing else of the project touches libyaml.
///
/// An object, because it is handed down with every event: a structure would be taken apart and put together each time.
@safe final class EventReader {
    /// On the heap: libyaml keeps a pointer to its own parser.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    /// The current event; its texts live until the next one.
    private let event: UnsafeMutablePointer<yaml_event_t>
    /// False when there was no memory for the parser.
    private let isReady: Bool

    /// Where a source ends whose last line has no line break; libyaml ends that line, and so goes behind the file.
    private let sourceEnd: SourcePosition?

    /// Calls `body` with a reader of this source, which must be UTF-8; `body` must not keep the reader.
    static func read(_ source: SourceFile, _ body: (EventReader) -> Void) {
        let isEnded = source.bytes.last.map { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } ?? false
        let end = isEnded ? nil : source.position(ofByte: source.bytes.count)
        unsafe source.bytes.withUnsafeBufferPointer { buffer in
            unsafe body(EventReader(buffer, end: end))
        }
    }

    private init(_ input: UnsafeBufferPointer<UInt8>, end: SourcePosition?) {
        sourceEnd = end
        unsafe parser = .allocate(capacity: 1)
        unsafe event = .allocate(capacity: 1)
        unsafe event.initialize(to: yaml_event_t())
        unsafe parser.initialize(to: yaml_parser_t())
        isReady = unsafe yaml_parser_initialize(parser) == 1
        guard isReady else { return }
        // The encoding is left to libyaml: told that it is UTF-8, it would count the byte order mark as a column.
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        unsafe yaml_event_delete(event)
        unsafe yaml_parser_delete(parser)
        unsafe event.deallocate()
        unsafe parser.deallocate()
    }

    /// Goes to the next event. Do not call it after the end of the stream or a fault.
    func next() throws(SyntaxFault) -> Event {
        unsafe yaml_event_delete(event)
        guard isReady, unsafe yaml_parser_parse(parser, event) == 1 else { throw fault }
        return unsafe Self.kind(event.pointee.type)
    }

    // MARK: The current event

    /// Where it begins.
    var start: SourcePosition { unsafe position(event.pointee.start_mark) }

    /// The position after its last character. For the end of a block collection: where the next thing begins.
    var end: SourcePosition { unsafe position(event.pointee.end_mark) }

    /// The anchor of a scalar or collection, or the one that an alias names.
    var anchor: String? {
        switch unsafe event.pointee.type {
        case YAML_ALIAS_EVENT: unsafe Self.string(event.pointee.data.alias.anchor)
        case YAML_SCALAR_EVENT: unsafe Self.string(event.pointee.data.scalar.anchor)
        case YAML_SEQUENCE_START_EVENT: unsafe Self.string(event.pointee.data.sequence_start.anchor)
        case YAML_MAPPING_START_EVENT: unsafe Self.string(event.pointee.data.mapping_start.anchor)
        default: nil
        }
    }

    /// The tag of a scalar or collection, resolved.
    var tag: String? {
        switch unsafe event.pointee.type {
        case YAML_SCALAR_EVENT: unsafe Self.string(event.pointee.data.scalar.tag)
        case YAML_SEQUENCE_START_EVENT: unsafe Self.string(event.pointee.data.sequence_start.tag)
        case YAML_MAPPING_START_EVENT: unsafe Self.string(event.pointee.data.mapping_start.tag)
        default: nil
        }
    }

    /// Whether a scalar was written without quotes and not as a block.
    var isPlain: Bool {
        unsafe event.pointee.type == YAML_SCALAR_EVENT && event.pointee.data.scalar.style == YAML_PLAIN_SCALAR_STYLE
    }

    /// Whether a collection was written in brackets.
    var isFlow: Bool {
        switch unsafe event.pointee.type {
        case YAML_SEQUENCE_START_EVENT: unsafe event.pointee.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
        case YAML_MAPPING_START_EVENT: unsafe event.pointee.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
        default: false
        }
    }

    /// How it is written, as a number of libyaml's that means something beside the kind of event only.
    var style: UInt32 {
        switch unsafe event.pointee.type {
        case YAML_SCALAR_EVENT: unsafe event.pointee.data.scalar.style.rawValue
        case YAML_SEQUENCE_START_EVENT: unsafe event.pointee.data.sequence_start.style.rawValue
        case YAML_MAPPING_START_EVENT: unsafe event.pointee.data.mapping_start.style.rawValue
        case YAML_DOCUMENT_START_EVENT: unsafe UInt32(event.pointee.data.document_start.implicit == 0 ? 1 : 0)
        default: 0
        }
    }

    /// Adds a scalar's text, in UTF-8, and returns its length.
    func appendText(to text: inout [UInt8]) -> Int {
        guard unsafe event.pointee.type == YAML_SCALAR_EVENT else { return 0 }
        let length = unsafe event.pointee.data.scalar.length
        unsafe text.append(contentsOf: UnsafeBufferPointer(start: event.pointee.data.scalar.value, count: length))
        return length
    }

    // MARK: From libyaml's values

    /// The one place where libyaml's counting from zero becomes ours from one. It counts characters, not bytes.
    private func position(_ mark: yaml_mark_t) -> SourcePosition {
        let position = SourcePosition(line: mark.line + 1, column: mark.column + 1)
        guard let sourceEnd, sourceEnd < position else { return position }
        return sourceEnd
    }

    private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        guard let text = unsafe text else { return nil }
        return unsafe String(cString: text)
    }

    private var fault: SyntaxFault {
        guard isReady, let problem = unsafe parser.pointee.problem else {
            return SyntaxFault(problem: nil, position: nil, context: nil, contextPosition: nil)
        }
        // A reader error has no mark, but what the reader refuses has been refused before.
        let hasMark = unsafe parser.pointee.error == YAML_SCANNER_ERROR || parser.pointee.error == YAML_PARSER_ERROR
        let context = unsafe parser.pointee.context.map { unsafe String(cString: $0) }
        return unsafe SyntaxFault(
            problem: String(cString: problem), position: hasMark ? position(parser.pointee.problem_mark) : nil,
            context: context, contextPosition: context == nil ? nil : position(parser.pointee.context_mark))
    }

    private static func kind(_ type: yaml_event_type_t) -> Event {
        switch type {
        case YAML_STREAM_START_EVENT: .streamStart
        case YAML_DOCUMENT_START_EVENT: .documentStart
        case YAML_DOCUMENT_END_EVENT: .documentEnd
        case YAML_ALIAS_EVENT: .alias
        case YAML_SCALAR_EVENT: .scalar
        case YAML_SEQUENCE_START_EVENT: .sequenceStart
        case YAML_SEQUENCE_END_EVENT: .sequenceEnd
        case YAML_MAPPING_START_EVENT: .mappingStart
        case YAML_MAPPING_END_EVENT: .mappingEnd
        // After the end libyaml gives "no event".
        default: .streamEnd
        }
    }
}
