import KeelDiagnostics

/// What libyaml saw next; its texts are asked from the reader.
struct Event {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd, alias, scalar, sequenceStart, sequenceEnd,
            mappingStart, mappingEnd
    }

    let kind: Kind
    let start: SourcePosition
    /// The position after the last character. For the end of a block collection: where the next thing begins.
    let end: SourcePosition
}

/// Why libyaml could not go on.
struct SyntaxFault: Error, Equatable {
    /// libyaml's words; nil when memory ran out.
    let problem: String?
    let position: SourcePosition?
    /// What it was reading, in its words, and since where.
    let context: String?
    let contextPosition: SourcePosition?
}
